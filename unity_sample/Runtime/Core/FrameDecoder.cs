namespace FloodBridge.Core
{
    /// <summary>Reads the messages that make a frame, and refuses numbers that no body can have.</summary>
    public static class FrameDecoder
    {
        public static readonly string FrameTypes = "iii" + new string('f', 3 + 4 * HumanBody.JointCount);
        public const string RootTypes = "ifffffff";
        public const string ContactTypes = "iiiii";

        private const int CompactBytes = 22 + 8 * HumanBody.JointCount;
        private const float CompactUnit = 1f / 32767f;

        /// <summary>Metres from the origin; floats are still exact to some centimetres there.</summary>
        private const float FarthestRoot = 1e6f;
        private const float Fastest = 1e4f;

        /// <summary>
        /// Read <c>/flood/{id}/frame</c>. Heading, velocities and contacts are left to the other two messages: until
        /// they come, the heading is that of the pelvis. False, and <paramref name="into"/> of no use, if refused.
        /// </summary>
        public static bool TryReadFrame(ref OscMessage message, MotionFrame into)
        {
            if (!message.BeginsWith(FrameTypes))
            {
                return false;
            }
            OscArguments arguments = message.Arguments;
            into.Sequence = arguments.NextInt();
            into.PlayTimeMs = arguments.NextInt();
            into.Flags = (FrameFlags)arguments.NextInt();
            into.RootPosition = arguments.NextVec3();
            for (int joint = 0; joint < HumanBody.JointCount; joint++)
            {
                into.Rotations[joint] = arguments.NextQuat();
            }
            return IsBody(into);
        }

        /// <summary>Read <c>/flood/{id}/q</c>, a frame as a blob with rotations of 16 bits.</summary>
        public static bool TryReadCompact(ref OscMessage message, MotionFrame into)
        {
            if (!message.BeginsWith("b"))
            {
                return false;
            }
            int size;
            OscArguments arguments = message.Arguments;
            int at = arguments.NextBlob(out size);
            if (size != CompactBytes)
            {
                return false;
            }
            byte[] data = message.Data;
            into.Sequence = BigEndian.Int(data, at);
            into.PlayTimeMs = BigEndian.Int(data, at + 4);
            into.Flags = (FrameFlags)(ushort)BigEndian.Short(data, at + 8);
            into.RootPosition = new Vec3(
                BigEndian.Float(data, at + 10), BigEndian.Float(data, at + 14),
                BigEndian.Float(data, at + 18));
            for (int joint = 0; joint < HumanBody.JointCount; joint++)
            {
                int turn = at + 22 + 8 * joint;
                into.Rotations[joint] = new Quat(
                    BigEndian.Short(data, turn) * CompactUnit,
                    BigEndian.Short(data, turn + 2) * CompactUnit,
                    BigEndian.Short(data, turn + 4) * CompactUnit,
                    BigEndian.Short(data, turn + 6) * CompactUnit);
            }
            return IsBody(into);
        }

        /// <summary>Read <c>/flood/{id}/root</c> into the frame of the same sequence.</summary>
        public static bool TryReadRoot(ref OscMessage message, MotionFrame into)
        {
            if (!message.BeginsWith(RootTypes))
            {
                return false;
            }
            OscArguments arguments = message.Arguments;
            int sequence = arguments.NextInt();
            arguments.NextVec3();
            float yaw = arguments.NextFloat();
            float x = arguments.NextFloat();
            Vec3 velocity = new Vec3(x, 0f, arguments.NextFloat());
            Vec3 turning = new Vec3(yaw, arguments.NextFloat(), 0f);
            if (sequence != into.Sequence || !velocity.IsWithin(Fastest) || !turning.IsWithin(Fastest))
            {
                return false;
            }
            into.Yaw = Angles.Wrapped(yaw);
            into.Velocity = velocity;
            into.YawRate = turning.Y;
            return true;
        }

        /// <summary>Check what was read, make rotations exact, and set what has not come.</summary>
        private static bool IsBody(MotionFrame frame)
        {
            bool isValid = frame.Sequence >= 0 && frame.PlayTimeMs >= 0;
            isValid &= frame.RootPosition.IsWithin(FarthestRoot);
            for (int joint = 0; joint < HumanBody.JointCount; joint++)
            {
                isValid &= Quat.TryNormalise(ref frame.Rotations[joint]);
            }
            frame.Yaw = frame.Rotations[0].Yaw;
            frame.Velocity = Vec3.Zero;
            frame.YawRate = 0f;
            frame.Contacts = 0;
            return isValid;
        }

        /// <summary>Read <c>/flood/{id}/contact</c> into the frame of the same sequence.</summary>
        public static bool TryReadContact(ref OscMessage message, MotionFrame into)
        {
            if (!message.BeginsWith(ContactTypes))
            {
                return false;
            }
            OscArguments arguments = message.Arguments;
            if (arguments.NextInt() != into.Sequence)
            {
                return false;
            }
            into.Contacts = 0;
            for (int bit = 0; bit < 4; bit++)
            {
                into.Contacts |= arguments.NextInt() != 0 ? 1 << bit : 0;
            }
            return true;
        }
    }
}
