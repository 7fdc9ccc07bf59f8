using System;

namespace FloodBridge.Core
{
    /// <summary>Quantiles of the latest numbers. Memory is taken once.</summary>
    public sealed class SlidingQuantile
    {
        private readonly double[] arrived;
        private readonly double[] sorted;
        private int next;

        public SlidingQuantile(int capacity)
        {
            arrived = new double[capacity];
            sorted = new double[capacity];
        }

        public int Count { get; private set; }

        public void Clear()
        {
            Count = 0;
            next = 0;
        }

        public void Add(double value)
        {
            if (Count == arrived.Length)
            {
                Remove(arrived[next]);
            }
            arrived[next] = value;
            next = (next + 1) % arrived.Length;
            int at = Count;
            while (at > 0 && sorted[at - 1] > value)
            {
                sorted[at] = sorted[at - 1];
                at--;
            }
            sorted[at] = value;
            Count++;
        }

        /// <summary>The smallest of the numbers that <paramref name="share"/> of them do not exceed.</summary>
        public double Quantile(double share, double ifEmpty)
        {
            if (Count == 0)
            {
                return ifEmpty;
            }
            int index = (int)Math.Ceiling(share * Count) - 1;
            return sorted[Math.Max(0, Math.Min(Count - 1, index))];
        }

        private void Remove(double value)
        {
            int at = Array.BinarySearch(sorted, 0, Count, value);
            Count--;
            Array.Copy(sorted, at + 1, sorted, at, Count - at);
        }
    }
}
