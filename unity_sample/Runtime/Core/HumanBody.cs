namespace FloodBridge.Core
{
    /// <summary>The 22 joints of the stream, in HumanML3D's order, and the bones of Unity they turn.</summary>
    public static class HumanBody
    {
        public const int JointCount = 22;

        public const int Pelvis = 0;
        public const int LeftHip = 1;
        public const int Spine = 3;
        public const int LeftKnee = 4;
        public const int Chest = 6;
        public const int LeftAnkle = 7;
        public const int UpperChest = 9;
        public const int Head = 15;

        /// <summary>
        /// Names of Unity's HumanBodyBones. The rotation of joint i turns what leaves it: that of a hip the thigh.
        /// </summary>
        public static readonly string[] BoneNames =
        {
            "Hips", "LeftUpperLeg", "RightUpperLeg", "Spine", "LeftLowerLeg", "RightLowerLeg",
            "Chest", "LeftFoot", "RightFoot", "UpperChest", "LeftToes", "RightToes", "Neck",
            "LeftShoulder", "RightShoulder", "Head", "LeftUpperArm", "RightUpperArm",
            "LeftLowerArm", "RightLowerArm", "LeftHand", "RightHand",
        };

        /// <summary>The parent of each joint; parents come first. The pelvis has none (-1).</summary>
        public static readonly int[] Parents =
        {
            -1, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 9, 9, 12, 13, 14, 16, 17, 18, 19,
        };
    }
}
