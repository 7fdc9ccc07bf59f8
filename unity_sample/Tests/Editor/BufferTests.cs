using System;
using FloodBridge.Core;
using NUnit.Framework;

namespace FloodBridge.Tests
{
    /// <summary>Frames wait in order, whatever order they come in.</summary>
    public class BufferTests
    {
        [Test]
        public void FramesAreKeptByTheirNumber()
        {
            var buffer = new JitterBuffer();
            Assert.AreEqual(Arrival.Newest, Put(buffer, 10));
            Assert.AreEqual(Arrival.Newest, Put(buffer, 13));
            Assert.AreEqual(Arrival.Reordered, Put(buffer, 11));
            Assert.AreEqual(Arrival.Duplicate, Put(buffer, 11));
            Assert.AreEqual(Arrival.Newest, Put(buffer, 14));
            Assert.AreEqual(Arrival.Reordered, Put(buffer, 12));
            Assert.AreEqual(Arrival.Late, Put(buffer, 9));
            AssertHolds(buffer, 10, 11, 12, 13, 14);
        }

        [Test]
        public void TheOldestMakesRoom()
        {
            var buffer = new JitterBuffer();
            for (int i = 0; i < 3 * JitterBuffer.Capacity; i++)
            {
                Put(buffer, i);
            }
            Assert.AreEqual(JitterBuffer.Capacity, buffer.Count);
            Assert.AreEqual(2 * JitterBuffer.Capacity, buffer[0].Sequence);
            Put(buffer, 4 * JitterBuffer.Capacity);
            Assert.AreEqual(
                Arrival.Reordered, Put(buffer, 4 * JitterBuffer.Capacity - 1), "in a full buffer");
            for (int i = 1; i < buffer.Count; i++)
            {
                Assert.Greater(buffer[i].Sequence, buffer[i - 1].Sequence);
            }
        }

        [Test]
        public void TwoFramesBeforeThePresentAreKept()
        {
            JitterBuffer buffer = Filled(8);
            buffer.DropBefore(4.5);
            AssertHolds(buffer, 3, 4, 5, 6, 7);
            buffer.DropBefore(100.0);
            AssertHolds(buffer, 6, 7);
            buffer.DropBefore(100.0);
            AssertHolds(buffer, 6, 7);
        }

        [Test]
        public void FramesThatAreTakenBackMayComeOnceMore()
        {
            JitterBuffer buffer = Filled(8);
            buffer.DropFrom(5);
            AssertHolds(buffer, 0, 1, 2, 3, 4);
            Assert.AreEqual(Arrival.Newest, Put(buffer, 5));
            buffer.DropFrom(100);
            AssertHolds(buffer, 0, 1, 2, 3, 4, 5);
            buffer.DropFrom(0);
            Assert.AreEqual(0, buffer.Count);
        }

        [Test]
        public void AnyOrderEndsInOrder()
        {
            var random = new Random(4);
            var buffer = new JitterBuffer();
            for (int i = 0; i < 20000; i++)
            {
                Put(buffer, (i + random.Next(-6, 7)) & int.MaxValue);
                if (i % 97 == 0)
                {
                    buffer.DropBefore(i - 20);
                }
                for (int k = 1; k < buffer.Count; k++)
                {
                    Assert.Greater(buffer[k].PlaySecs, buffer[k - 1].PlaySecs);
                    Assert.AreNotSame(buffer[k], buffer.Free);
                }
            }
        }

        private static Arrival Put(JitterBuffer buffer, int sequence)
        {
            buffer.Free.Sequence = sequence;
            buffer.Free.PlaySecs = sequence > int.MaxValue / 2 ? sequence - (double)int.MaxValue - 1 : sequence;
            return buffer.Insert();
        }

        private static JitterBuffer Filled(int count)
        {
            var buffer = new JitterBuffer();
            for (int i = 0; i < count; i++)
            {
                Put(buffer, i);
            }
            return buffer;
        }

        private static void AssertHolds(JitterBuffer buffer, params int[] sequences)
        {
            var held = new int[buffer.Count];
            for (int i = 0; i < held.Length; i++)
            {
                held[i] = buffer[i].Sequence;
            }
            CollectionAssert.AreEqual(sequences, held);
        }
    }
}
