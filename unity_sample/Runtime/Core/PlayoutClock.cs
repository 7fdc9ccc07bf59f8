using System;

namespace FloodBridge.Core
{
    /// <summary>
    /// Where in the sender's time we are. It lags by the jitter and the look-ahead of the interpolation, and follows
    /// changes of both by playing up to 5 % faster or slower, which nobody sees.
    /// </summary>
    public sealed class PlayoutClock
    {
        public const double MaxSlew = 0.05;
        public const double MaxDelaySecs = 0.5;

        /// <summary>Frames that must be there beyond the present: two give both ends of a segment a tangent.</summary>
        private const double LookAheadFrames = 2.0;

        /// <summary>Being so far off is no drift: the sender or this program stood still.</summary>
        private const double JumpSecs = 0.3;

        private double lastSecs;
        private bool isRunning;

        /// <summary>The time of the sender to show now, seconds.</summary>
        public double HeadSecs { get; private set; }

        /// <summary>How long after its earliest arrival a frame is shown, seconds.</summary>
        public double DelaySecs { get; private set; }

        public void Reset()
        {
            isRunning = false;
        }

        /// <summary>Move to <paramref name="nowSecs"/> of our clock.</summary>
        /// <param name="nowSecs">Our time; it does not go back.</param>
        /// <param name="clock">How the clocks go together; it has an offset.</param>
        /// <param name="frameSecs">Time between two frames.</param>
        /// <param name="extraSecs">More delay than needed, for uneven networks.</param>
        public void Advance(double nowSecs, ClockFilter clock, double frameSecs, double extraSecs)
        {
            double wanted = clock.JitterSecs + LookAheadFrames * frameSecs + extraSecs;
            double present = nowSecs - clock.Offset;
            double target = present - Math.Max(0.0, Math.Min(MaxDelaySecs, wanted));
            double elapsed = Math.Max(0.0, nowSecs - lastSecs);
            double error = target - (HeadSecs + elapsed);
            if (!isRunning || Math.Abs(error) > JumpSecs)
            {
                HeadSecs = target;
                isRunning = true;
            }
            else
            {
                double slew = MaxSlew * elapsed;
                HeadSecs += elapsed + Math.Max(-slew, Math.Min(slew, error));
            }
            lastSecs = nowSecs;
            DelaySecs = present - HeadSecs;
        }
    }
}
