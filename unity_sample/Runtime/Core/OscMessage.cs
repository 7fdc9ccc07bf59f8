using System.Text;

namespace FloodBridge.Core
{
    /// <summary>One OSC message, seen in the datagram that holds it. Valid only while it is heard.</summary>
    public struct OscMessage
    {
        internal byte[] Data;
        internal int AddressStart;
        internal int AddressLength;
        internal int TagsStart;
        internal int ArgumentsStart;

        /// <summary>How many arguments there are.</summary>
        public int ArgumentCount { get; internal set; }

        /// <summary>A new string: for logs and monitors.</summary>
        public string Address
        {
            get { return Encoding.ASCII.GetString(Data, AddressStart, AddressLength); }
        }

        /// <summary>A new string with one letter per argument.</summary>
        public string Types
        {
            get { return Encoding.ASCII.GetString(Data, TagsStart, ArgumentCount); }
        }

        /// <summary>The arguments, from the first on.</summary>
        public OscArguments Arguments
        {
            get { return new OscArguments(Data, ArgumentsStart); }
        }

        /// <summary>
        /// Whether the arguments begin with these types; surplus ones are allowed, as OSC receivers have it.
        /// </summary>
        public bool BeginsWith(string types)
        {
            if (ArgumentCount < types.Length)
            {
                return false;
            }
            for (int i = 0; i < types.Length; i++)
            {
                if (Data[TagsStart + i] != types[i])
                {
                    return false;
                }
            }
            return true;
        }
    }

    /// <summary>
    /// Reads one argument after the other. The reader of the datagram has checked that they are there; the caller has
    /// checked their types with <see cref="OscMessage.BeginsWith"/>.
    /// </summary>
    public struct OscArguments
    {
        private readonly byte[] data;
        private int position;

        internal OscArguments(byte[] data, int position)
        {
            this.data = data;
            this.position = position;
        }

        public int NextInt()
        {
            int value = BigEndian.Int(data, position);
            position += 4;
            return value;
        }

        public float NextFloat()
        {
            return BigEndian.Float(NextInt());
        }

        public Vec3 NextVec3()
        {
            float x = NextFloat();
            float y = NextFloat();
            return new Vec3(x, y, NextFloat());
        }

        /// <summary>x, y, z, w.</summary>
        public Quat NextQuat()
        {
            Vec3 axis = NextVec3();
            return new Quat(axis.X, axis.Y, axis.Z, NextFloat());
        }

        /// <summary>A string; the one that <paramref name="cache"/> holds if it has not changed.</summary>
        public string NextText(TextCache cache)
        {
            int length = 0;
            while (data[position + length] != 0)
            {
                length++;
            }
            string text = cache.Text(data, position, length);
            position += (length & ~3) + 4;
            return text;
        }

        /// <summary>Where the bytes of a blob begin, and in <paramref name="size"/> how many they are.</summary>
        public int NextBlob(out int size)
        {
            size = NextInt();
            int start = position;
            position += (size + 3) & ~3;
            return start;
        }
    }
}
