using System;

namespace FloodBridge.Core
{
    /// <summary>One pose of the body, relative to its T-pose.</summary>
    public class BodyPose
    {
        /// <summary>Where the pelvis is in the world of the stream, metres.</summary>
        public Vec3 RootPosition;

        /// <summary>Heading, radians to the right of +z.</summary>
        public float Yaw;

        /// <summary>Velocity of the pelvis along the ground, metres per second; y is 0.</summary>
        public Vec3 Velocity;

        /// <summary>Radians per second to the right.</summary>
        public float YawRate;

        /// <summary>World from pelvis, then parent from joint.</summary>
        public readonly Quat[] Rotations = new Quat[HumanBody.JointCount];

        public BodyPose()
        {
            for (int joint = 0; joint < Rotations.Length; joint++)
            {
                Rotations[joint] = Quat.Identity;
            }
        }

        public void CopyFrom(BodyPose other)
        {
            RootPosition = other.RootPosition;
            Yaw = other.Yaw;
            Velocity = other.Velocity;
            YawRate = other.YawRate;
            Array.Copy(other.Rotations, Rotations, Rotations.Length);
        }
    }

    /// <summary>What is special about a frame: the bits of the wire's flags.</summary>
    [Flags]
    public enum FrameFlags
    {
        None = 0,
        PromptChanged = 1,
        Interpolated = 2,
        Idle = 4,
        Jumped = 8,
    }

    /// <summary>A pose with its place in the stream.</summary>
    public sealed class MotionFrame : BodyPose
    {
        /// <summary>31 bits, see <see cref="Serial"/>.</summary>
        public int Sequence;

        /// <summary>When to show it, on the daemon's clock, as it came: 31 bits, milliseconds.</summary>
        public int PlayTimeMs;

        /// <summary>The same as seconds that never begin again.</summary>
        public double PlaySecs;

        public FrameFlags Flags;

        /// <summary>Bit i: the i-th of left ankle, left foot, right ankle, right foot is on the ground.</summary>
        public int Contacts;
    }
}
