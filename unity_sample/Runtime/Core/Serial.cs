namespace FloodBridge.Core
{
    /// <summary>Counters of 31 bits that begin again at 0 after 2147483647, like sequence and play time.</summary>
    public static class Serial
    {
        /// <summary>How far <paramref name="a"/> is after <paramref name="b"/>, the shorter way round.</summary>
        public static int Difference(int a, int b)
        {
            return unchecked((a - b) << 1) >> 1;
        }
    }
}
