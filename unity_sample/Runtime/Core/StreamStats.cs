using System;

namespace FloodBridge.Core
{
    /// <summary>How well the frames of one character come.</summary>
    public sealed class StreamStats
    {
        private const double RateWindowSecs = 1.0;

        private readonly SlidingQuantile strides = new SlidingQuantile(33);
        private double windowStartSecs;
        private long windowStartReceived;

        /// <summary>Good frames.</summary>
        public long Received { get; private set; }

        /// <summary>Frames that never came. A stream that is thinned evenly has no losses.</summary>
        public long Lost { get; private set; }

        /// <summary>Frames that were overtaken, but came in time.</summary>
        public long Reordered { get; private set; }

        /// <summary>Frames that came twice or too late.</summary>
        public long Late { get; private set; }

        /// <summary>Messages with impossible contents.</summary>
        public long Refused { get; internal set; }

        /// <summary>How often the sender began anew.</summary>
        public long Restarts { get; internal set; }

        /// <summary>How often there was nothing to show.</summary>
        public long Starved { get; internal set; }

        /// <summary>Frames per second in the last second.</summary>
        public float FramesPerSecond { get; private set; }

        /// <summary>Sequence numbers from one frame to the next; 1 unless the stream is thinned.</summary>
        public int Stride
        {
            get { return (int)strides.Quantile(0.5, 1.0); }
        }

        /// <summary>Lost among all that should have come, 0 to 1.</summary>
        public float LossShare
        {
            get { return Lost == 0 ? 0f : (float)Lost / (Lost + Received); }
        }

        internal void Count(Arrival arrival, int gap)
        {
            if (arrival == Arrival.Late || arrival == Arrival.Duplicate)
            {
                Late++;
                return;
            }
            Received++;
            if (arrival == Arrival.Reordered)
            {
                Reordered++;
                Lost = Math.Max(0, Lost - 1);
            }
            else if (gap > 0)
            {
                strides.Add(gap);
                Lost += Math.Max(0, (int)Math.Round((double)gap / Stride) - 1);
            }
        }

        internal void Measure(double nowSecs)
        {
            double elapsed = nowSecs - windowStartSecs;
            if (elapsed < RateWindowSecs)
            {
                return;
            }
            FramesPerSecond = (float)((Received - windowStartReceived) / elapsed);
            windowStartSecs = nowSecs;
            windowStartReceived = Received;
        }
    }
}
