using System;
using System.Text;

namespace FloodBridge.Core
{
    /// <summary>
    /// Makes a string from bytes only when they have changed: texts that come every second cost no garbage then.
    /// </summary>
    public sealed class TextCache
    {
        // Bytes that are no UTF-8 become replacement characters; nothing is thrown.
        private static readonly Encoding Lenient = new UTF8Encoding(false, false);

        private byte[] bytes = new byte[64];
        private int length = -1;
        private string text = "";

        public string Text(byte[] data, int start, int count)
        {
            if (count == length && IsSame(data, start))
            {
                return text;
            }
            if (bytes.Length < count)
            {
                bytes = new byte[count];
            }
            Buffer.BlockCopy(data, start, bytes, 0, count);
            length = count;
            text = Lenient.GetString(data, start, count);
            return text;
        }

        private bool IsSame(byte[] data, int start)
        {
            for (int i = 0; i < length; i++)
            {
                if (data[start + i] != bytes[i])
                {
                    return false;
                }
            }
            return true;
        }
    }
}
