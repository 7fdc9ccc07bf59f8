using System;

namespace FloodBridge.Core
{
    /// <summary>What became of a frame.</summary>
    public enum Arrival
    {
        /// <summary>Newer than all others.</summary>
        Newest,

        /// <summary>Overtaken on its way, and put into its place.</summary>
        Reordered,

        /// <summary>Here already.</summary>
        Duplicate,

        /// <summary>Its time has passed.</summary>
        Late,
    }

    /// <summary>
    /// The frames around the present, by sequence. Holds so many and no more; the oldest makes room. The frames are
    /// lent in and out, so that nothing is allocated.
    /// </summary>
    public sealed class JitterBuffer
    {
        /// <summary>About half a second at 120 frames per second, three at 20.</summary>
        public const int Capacity = 64;

        private readonly MotionFrame[] frames = new MotionFrame[Capacity];
        private MotionFrame free = new MotionFrame();

        public JitterBuffer()
        {
            for (int i = 0; i < Capacity; i++)
            {
                frames[i] = new MotionFrame();
            }
        }

        public int Count { get; private set; }

        /// <summary>Frame by age: 0 is the oldest.</summary>
        public MotionFrame this[int index]
        {
            get { return frames[index]; }
        }

        public MotionFrame Newest
        {
            get { return frames[Count - 1]; }
        }

        /// <summary>The frame to be filled next, for <see cref="Insert"/>.</summary>
        public MotionFrame Free
        {
            get { return free; }
        }

        /// <summary>Put the filled <see cref="Free"/> where it belongs.</summary>
        public Arrival Insert()
        {
            int at = Count;
            while (at > 0 && Serial.Difference(free.Sequence, frames[at - 1].Sequence) < 0)
            {
                at--;
            }
            if (at > 0 && frames[at - 1].Sequence == free.Sequence)
            {
                return Arrival.Duplicate;
            }
            if (at == 0 && Count > 0)
            {
                return Arrival.Late;
            }
            if (at < Count && !IsBetween(at))
            {
                return Arrival.Late;
            }
            Arrival arrival = at == Count ? Arrival.Newest : Arrival.Reordered;
            PutAt(at);
            return arrival;
        }

        /// <summary>Forget what has passed, but for the two frames before <paramref name="headSecs"/>.</summary>
        public void DropBefore(double headSecs)
        {
            int stale = 0;
            while (stale + 2 < Count && frames[stale + 2].PlaySecs <= headSecs)
            {
                stale++;
            }
            Drop(0, stale);
        }

        /// <summary>The sender takes back frames from this number on.</summary>
        public void DropFrom(int sequence)
        {
            int first = Count;
            while (first > 0 && Serial.Difference(frames[first - 1].Sequence, sequence) >= 0)
            {
                first--;
            }
            Drop(first, Count - first);
        }

        public void Clear()
        {
            Drop(0, Count);
        }

        private bool IsBetween(int at)
        {
            return frames[at - 1].PlaySecs < free.PlaySecs && free.PlaySecs < frames[at].PlaySecs;
        }

        private void PutAt(int at)
        {
            MotionFrame filled = free;
            if (Count == Capacity)
            {
                free = frames[0];
                Array.Copy(frames, 1, frames, 0, at - 1);
                frames[at - 1] = filled;
                return;
            }
            free = frames[Count];
            Array.Copy(frames, at, frames, at + 1, Count - at);
            frames[at] = filled;
            Count++;
        }

        /// <summary>The frames that go are kept behind the others, to be used again.</summary>
        private void Drop(int first, int number)
        {
            for (int i = 0; i < number; i++)
            {
                MotionFrame gone = frames[first];
                Array.Copy(frames, first + 1, frames, first, Count - first - 1);
                frames[Count - 1] = gone;
                Count--;
            }
        }
    }
}
