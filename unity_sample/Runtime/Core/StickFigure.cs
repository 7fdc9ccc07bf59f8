using System;

namespace FloodBridge.Core
{
    /// <summary>
    /// A body without an avatar: a spindle of eight triangles along each bone, and one for the head. Faces do not
    /// share vertices, so that flat shading works.
    /// </summary>
    public static class StickFigure
    {
        /// <summary>One for each bone, the last one is the crown of the head.</summary>
        public const int SpindleCount = HumanBody.JointCount;

        public const int VerticesPerSpindle = 24;
        public const int VertexCount = SpindleCount * VerticesPerSpindle;

        private const float Thickness = 0.14f;
        private const float Waist = 0.25f;
        private const float HeadLength = 0.2f;

        // Two triangles' corners for each of the four sides, as places in {bottom, four around, top}.
        private static readonly int[] Corners =
        {
            0, 2, 1, 0, 3, 2, 0, 4, 3, 0, 1, 4, 5, 1, 2, 5, 2, 3, 5, 3, 4, 5, 4, 1,
        };

        private static readonly Vec3[] Around = new Vec3[6];

        /// <summary>-1 for a bone of the left half of the body, 1 of the right, 0 of the middle.</summary>
        public static int Side(int spindle)
        {
            string name = HumanBody.BoneNames[spindle];
            return name.StartsWith("Left", StringComparison.Ordinal) ? -1
                : name.StartsWith("Right", StringComparison.Ordinal) ? 1 : 0;
        }

        /// <summary>
        /// Write the <see cref="VertexCount"/> vertices of a body; each three are a triangle. Main thread only.
        /// </summary>
        public static void Fill(Vec3[] joints, Quat[] rotations, Vec3[] vertices)
        {
            for (int joint = 1; joint < HumanBody.JointCount; joint++)
            {
                int parent = HumanBody.Parents[joint];
                Spindle(joints[parent], joints[joint], rotations[parent], vertices, joint - 1);
            }
            Quat head = rotations[HumanBody.Head];
            Vec3 crown = joints[HumanBody.Head] + head * new Vec3(0f, HeadLength, 0f);
            Spindle(joints[HumanBody.Head], crown, head, vertices, SpindleCount - 1);
        }

        private static void Spindle(Vec3 from, Vec3 to, Quat turn, Vec3[] vertices, int spindle)
        {
            Vec3 along = to - from;
            float length = along.Length;
            // Any direction that turns with the bone and is not along it.
            Vec3 side = Vec3.Cross(along, turn * new Vec3(0.3f, 0.2f, 1f));
            side = side * (Thickness * length / Math.Max(side.Length, 1e-6f));
            Vec3 other = Vec3.Cross(along, side) * (1f / Math.Max(length, 1e-6f));
            Vec3 waist = from + along * Waist;
            Around[0] = from;
            Around[1] = waist + side;
            Around[2] = waist + other;
            Around[3] = waist - side;
            Around[4] = waist - other;
            Around[5] = to;
            for (int corner = 0; corner < VerticesPerSpindle; corner++)
            {
                vertices[spindle * VerticesPerSpindle + corner] = Around[Corners[corner]];
            }
        }
    }
}
