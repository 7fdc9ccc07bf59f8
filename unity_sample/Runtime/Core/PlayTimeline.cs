using System;

namespace FloodBridge.Core
{
    /// <summary>
    /// The play times of one sender as seconds without end, and without the rounding to milliseconds: frames are
    /// evenly spaced, so an alpha-beta filter over the sequence finds the times between the milliseconds. At 60
    /// frames per second the rounding would shake fast limbs.
    /// </summary>
    public sealed class PlayTimeline
    {
        private const double Alpha = 0.1;
        private const double Beta = 0.005;

        /// <summary>Rounding errs by half a millisecond, and the first interval by one a frame.</summary>
        private const double TrustedMs = 3.0;

        /// <summary>Whatever comes, play times grow with the sequence.</summary>
        private const double LeastStepMs = 0.1;

        private int lastSequence;
        private int lastTimeMs;
        private double lastMs;
        private double intervalMs;
        private long rawMs;
        private bool isRunning;

        /// <summary>Forget the sender.</summary>
        public void Reset()
        {
            isRunning = false;
            intervalMs = 0.0;
        }

        /// <summary>
        /// Whether this frame cannot follow or have been overtaken by those before: the sender was started anew.
        /// </summary>
        public bool IsBroken(int sequence, int timeMs)
        {
            int frames = Serial.Difference(sequence, lastSequence);
            int elapsed = Serial.Difference(timeMs, lastTimeMs);
            return isRunning && (Math.Sign(frames) != Math.Sign(elapsed) || Math.Abs(elapsed) > 2000);
        }

        /// <summary>When to show the frame, seconds on the sender's clock.</summary>
        public double PlaySecs(int sequence, int timeMs)
        {
            if (!isRunning)
            {
                isRunning = true;
                rawMs = timeMs;
                Follow(sequence, timeMs, timeMs);
                return lastMs / 1000.0;
            }
            int frames = Serial.Difference(sequence, lastSequence);
            double predicted = lastMs + frames * intervalMs;
            int elapsed = Serial.Difference(timeMs, lastTimeMs);
            double error = rawMs + elapsed - predicted;
            if (Math.Abs(error) > TrustedMs)
            {
                predicted = rawMs + elapsed;
                error = 0.0;
                intervalMs = frames > 0 ? (double)elapsed / frames : intervalMs;
            }
            if (frames <= 0)
            {
                return predicted / 1000.0;
            }
            rawMs += elapsed;
            intervalMs += Beta * error / frames;
            Follow(sequence, timeMs, Math.Max(lastMs + LeastStepMs, predicted + Alpha * error));
            return lastMs / 1000.0;
        }

        private void Follow(int sequence, int timeMs, double ms)
        {
            lastSequence = sequence;
            lastTimeMs = timeMs;
            lastMs = ms;
        }
    }
}
