using System;

namespace FloodBridge.Core
{
    /// <summary>
    /// One character of the stream: messages go in as they come, a smooth pose comes out whenever it is asked for.
    /// One thread only.
    /// </summary>
    public sealed class FloodCharacter
    {
        private readonly JitterBuffer frames = new JitterBuffer();
        private readonly ClockFilter clock = new ClockFilter();
        private readonly PlayTimeline timeline = new PlayTimeline();
        private readonly PlayoutClock playout = new PlayoutClock();
        private readonly Recovery recovery = new Recovery();
        private readonly PromptWatch prompts = new PromptWatch();
        private readonly SlidingQuantile intervals = new SlidingQuantile(33);
        private bool isFilling;
        private bool isStarved;
        private double lastArrivalSecs = double.NegativeInfinity;

        public FloodCharacter(int id)
        {
            Id = id;
        }

        public int Id { get; private set; }

        /// <summary>The body that moves, or null until it has been told, once per second.</summary>
        public BodySkeleton Skeleton { get; private set; }

        /// <summary>What to show, as of the last <see cref="Update"/>.</summary>
        public readonly BodyPose Pose = new BodyPose();

        public readonly StreamStats Stats = new StreamStats();

        /// <summary>Sequence of the frame that is shown, -1 before the first.</summary>
        public int ShownSequence { get; private set; } = -1;

        public FrameFlags ShownFlags { get; private set; }

        /// <summary>Feet on the ground, see <see cref="MotionFrame.Contacts"/>.</summary>
        public int Contacts { get; private set; }

        /// <summary>More delay than the jitter asks for, seconds.</summary>
        public double ExtraDelaySecs { get; set; }

        public double DelaySecs
        {
            get { return playout.DelaySecs; }
        }

        public double JitterSecs
        {
            get { return clock.JitterSecs; }
        }

        /// <summary>A prompt has become visible.</summary>
        public event Action<PromptReceipt> PromptShown;

        /// <summary>Seconds without a frame.</summary>
        public double SilenceSecs(double nowSecs)
        {
            return nowSecs - lastArrivalSecs;
        }

        /// <summary>
        /// Move to <paramref name="nowSecs"/>; false as long as there is nothing to show. Allocates nothing.
        /// </summary>
        public bool Update(double nowSecs)
        {
            Stats.Measure(nowSecs);
            if (Skeleton == null || frames.Count == 0)
            {
                return false;
            }
            double frameSecs = intervals.Quantile(0.5, 0.05);
            playout.Advance(nowSecs, clock, frameSecs, ExtraDelaySecs);
            double headSecs = playout.HeadSecs;
            int index;
            Showing showing = MotionInterpolator.Sample(frames, headSecs, frameSecs, Pose, out index);
            Show(frames[index]);
            Starve(showing == Showing.RunOut && headSecs > frames.Newest.PlaySecs + frameSecs);
            recovery.Apply(Pose, isStarved, nowSecs);
            frames.DropBefore(headSecs);
            return true;
        }

        internal void HearFrame(ref OscMessage message, bool isCompact, double arrivalSecs)
        {
            Commit(arrivalSecs); // of an earlier frame in the same datagram
            MotionFrame frame = frames.Free;
            bool isRead = isCompact
                ? FrameDecoder.TryReadCompact(ref message, frame)
                : FrameDecoder.TryReadFrame(ref message, frame);
            if (!isRead)
            {
                Stats.Refused++;
                return;
            }
            if (timeline.IsBroken(frame.Sequence, frame.PlayTimeMs))
            {
                Restart();
            }
            isFilling = true;
        }

        internal void HearRoot(ref OscMessage message)
        {
            if (isFilling && !FrameDecoder.TryReadRoot(ref message, frames.Free))
            {
                Stats.Refused++;
            }
        }

        internal void HearContact(ref OscMessage message)
        {
            if (isFilling && !FrameDecoder.TryReadContact(ref message, frames.Free))
            {
                Stats.Refused++;
            }
        }

        internal void HearSkeleton(ref OscMessage message)
        {
            BodySkeleton skeleton = Skeleton ?? new BodySkeleton();
            if (skeleton.TryRead(ref message))
            {
                Skeleton = skeleton;
            }
            else
            {
                Stats.Refused++;
            }
        }

        /// <summary>The sender takes back what it has sent from this number on.</summary>
        internal void HearFlush(int sequence, double arrivalSecs)
        {
            Commit(arrivalSecs);
            frames.DropFrom(sequence);
        }

        internal void HearReceipt(PromptReceipt receipt)
        {
            prompts.Expect(receipt);
        }

        /// <summary>All messages of a datagram have been heard: the frame is whole.</summary>
        internal void Commit(double arrivalSecs)
        {
            if (!isFilling)
            {
                return;
            }
            isFilling = false;
            MotionFrame frame = frames.Free;
            double playSecs = timeline.PlaySecs(frame.Sequence, frame.PlayTimeMs);
            frame.PlaySecs = playSecs;
            MotionFrame last = frames.Count > 0 ? frames.Newest : null;
            int gap = last == null ? 0 : Serial.Difference(frame.Sequence, last.Sequence);
            double elapsed = last == null ? 0.0 : playSecs - last.PlaySecs;
            Arrival arrival = frames.Insert();
            Stats.Count(arrival, gap);
            if (arrival == Arrival.Newest && elapsed > 0.0)
            {
                intervals.Add(elapsed);
            }
            if (arrival != Arrival.Duplicate)
            {
                clock.Observe(playSecs, arrivalSecs);
            }
            lastArrivalSecs = arrivalSecs;
        }

        private void Restart()
        {
            Stats.Restarts++;
            frames.Clear();
            clock.Reset();
            timeline.Reset();
            playout.Reset();
            recovery.Reset();
            prompts.Clear();
            intervals.Clear();
            isStarved = false;
            ShownSequence = -1;
        }

        private void Show(MotionFrame frame)
        {
            ShownSequence = frame.Sequence;
            ShownFlags = frame.Flags;
            Contacts = frame.Contacts;
            PromptReceipt receipt;
            while (prompts.TryTake(ShownSequence, out receipt))
            {
                Action<PromptReceipt> heard = PromptShown;
                if (heard != null)
                {
                    heard(receipt);
                }
            }
        }

        private void Starve(bool starved)
        {
            if (starved && !isStarved)
            {
                Stats.Starved++;
            }
            isStarved = starved;
        }
    }
}
