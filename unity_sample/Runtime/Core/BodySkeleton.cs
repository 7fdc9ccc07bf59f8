using System;

namespace FloodBridge.Core
{
    /// <summary>
    /// The T-pose of the body that the stream moves: where each joint lies from its parent, in metres.
    /// </summary>
    public sealed class BodySkeleton
    {
        public const string Types = "iisb";

        private const int Version = 1;
        private const int BlobBytes = 16 * HumanBody.JointCount;
        private const float LongestBone = 10f;

        private readonly TextCache space = new TextCache();
        private readonly float[] heights = new float[HumanBody.JointCount];

        /// <summary>The offset of each joint from its parent; that of the pelvis is zero.</summary>
        public readonly Vec3[] Offsets = new Vec3[HumanBody.JointCount];

        /// <summary>Length of the left thigh and shank, metres.</summary>
        public float LegLength
        {
            get { return Offsets[HumanBody.LeftKnee].Length + Offsets[HumanBody.LeftAnkle].Length; }
        }

        /// <summary>
        /// Height of the pelvis over the lowest joint, metres. The lowest joint of a motion is on the ground, y = 0.
        /// </summary>
        public float HipsHeight { get; private set; }

        /// <summary>
        /// Read <c>/flood/{id}/skeleton</c> into this; false, and unchanged, if it is of another kind or cannot be.
        /// </summary>
        public bool TryRead(ref OscMessage message)
        {
            if (!message.BeginsWith(Types))
            {
                return false;
            }
            OscArguments arguments = message.Arguments;
            bool isOurs = arguments.NextInt() == Version;
            isOurs &= arguments.NextInt() == HumanBody.JointCount;
            isOurs &= arguments.NextText(space) == "unity";
            int size;
            int blob = arguments.NextBlob(out size);
            if (!isOurs || size != BlobBytes || !IsBody(message.Data, blob))
            {
                return false;
            }
            for (int joint = 0; joint < HumanBody.JointCount; joint++)
            {
                Offsets[joint] = Offset(message.Data, blob, joint);
            }
            HipsHeight = -Lowest();
            return true;
        }

        /// <summary>
        /// Forward kinematics: where the joints of <paramref name="pose"/> are in the world of the stream.
        /// </summary>
        public void Place(BodyPose pose, Vec3[] positions, Quat[] worldRotations)
        {
            positions[0] = pose.RootPosition;
            worldRotations[0] = pose.Rotations[0];
            for (int joint = 1; joint < HumanBody.JointCount; joint++)
            {
                int parent = HumanBody.Parents[joint];
                positions[joint] = positions[parent] + worldRotations[parent] * Offsets[joint];
                worldRotations[joint] = worldRotations[parent] * pose.Rotations[joint];
            }
        }

        private float Lowest()
        {
            float lowest = 0f;
            for (int joint = 1; joint < HumanBody.JointCount; joint++)
            {
                heights[joint] = heights[HumanBody.Parents[joint]] + Offsets[joint].Y;
                lowest = Math.Min(lowest, heights[joint]);
            }
            return lowest;
        }

        private static bool IsBody(byte[] data, int blob)
        {
            for (int joint = 0; joint < HumanBody.JointCount; joint++)
            {
                if (BigEndian.Int(data, blob + 4 * joint) != HumanBody.Parents[joint]
                    || !Offset(data, blob, joint).IsWithin(LongestBone))
                {
                    return false;
                }
            }
            // Avatars are scaled by the length of the legs.
            return Offset(data, blob, HumanBody.LeftKnee).Length > 0.01f
                && Offset(data, blob, HumanBody.LeftAnkle).Length > 0.01f;
        }

        private static Vec3 Offset(byte[] data, int blob, int joint)
        {
            int at = blob + 4 * HumanBody.JointCount + 12 * joint;
            return new Vec3(
                BigEndian.Float(data, at), BigEndian.Float(data, at + 4),
                BigEndian.Float(data, at + 8));
        }
    }
}
