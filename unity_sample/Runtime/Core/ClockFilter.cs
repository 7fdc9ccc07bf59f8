using System;

namespace FloodBridge.Core
{
    /// <summary>
    /// How our clock and the sender's go together. The delay of a datagram is never negative, so the least
    /// (arrival - play time) of the last two seconds is the offset between the clocks; what a datagram came later than
    /// that is jitter. A clock that drifts is followed as the window moves on.
    /// </summary>
    public sealed class ClockFilter
    {
        private const int Buckets = 8;
        private const double BucketSecs = 0.25;

        private readonly double[] least = new double[Buckets];
        private readonly SlidingQuantile jitter = new SlidingQuantile(128);
        private long newestBucket;

        public ClockFilter()
        {
            Reset();
        }

        public bool HasOffset { get; private set; }

        /// <summary>Our time minus the sender's, seconds.</summary>
        public double Offset { get; private set; }

        /// <summary>Seconds by which 95 of 100 datagrams come late at most.</summary>
        public double JitterSecs
        {
            get { return jitter.Quantile(0.95, 0.0); }
        }

        /// <summary>Forget everything: another sender, another clock.</summary>
        public void Reset()
        {
            for (int i = 0; i < Buckets; i++)
            {
                least[i] = double.PositiveInfinity;
            }
            jitter.Clear();
            HasOffset = false;
            newestBucket = long.MinValue;
        }

        /// <summary>A frame to be shown at <paramref name="playSecs"/> came at <paramref name="arrivalSecs"/>.</summary>
        public void Observe(double playSecs, double arrivalSecs)
        {
            double offset = arrivalSecs - playSecs;
            OpenBucket((long)Math.Floor(arrivalSecs / BucketSecs));
            int bucket = Slot(newestBucket);
            least[bucket] = Math.Min(least[bucket], offset);
            Offset = Least();
            HasOffset = true;
            jitter.Add(offset - Offset);
        }

        private void OpenBucket(long number)
        {
            if (number <= newestBucket)
            {
                return;
            }
            long stale = newestBucket == long.MinValue ? Buckets : number - newestBucket;
            for (long i = 0; i < Math.Min(stale, Buckets); i++)
            {
                least[Slot(number - i)] = double.PositiveInfinity;
            }
            newestBucket = number;
        }

        private double Least()
        {
            double smallest = double.PositiveInfinity;
            for (int i = 0; i < Buckets; i++)
            {
                smallest = Math.Min(smallest, least[i]);
            }
            return smallest;
        }

        private static int Slot(long bucket)
        {
            return (int)(((bucket % Buckets) + Buckets) % Buckets);
        }
    }
}
