using System.Runtime.InteropServices;

namespace FloodBridge.Core
{
    /// <summary>Numbers as networks write them: the highest byte first.</summary>
    public static class BigEndian
    {
        [StructLayout(LayoutKind.Explicit)]
        private struct Word
        {
            [FieldOffset(0)]
            public int Int;

            [FieldOffset(0)]
            public float Float;
        }

        public static int Int(byte[] data, int at)
        {
            return data[at] << 24 | data[at + 1] << 16 | data[at + 2] << 8 | data[at + 3];
        }

        public static short Short(byte[] data, int at)
        {
            return (short)(data[at] << 8 | data[at + 1]);
        }

        public static float Float(byte[] data, int at)
        {
            return Float(Int(data, at));
        }

        /// <summary>The float32 with these bits.</summary>
        public static float Float(int bits)
        {
            Word word = default(Word);
            word.Int = bits;
            return word.Float;
        }

        /// <summary>The bits of a float32.</summary>
        public static int Bits(float value)
        {
            Word word = default(Word);
            word.Float = value;
            return word.Int;
        }
    }
}
