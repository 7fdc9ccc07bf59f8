using System;
using System.Collections.Generic;
using FloodBridge.Core;
using NUnit.Framework;

namespace FloodBridge.Tests
{
    /// <summary>From datagrams on a bad network to a smooth body.</summary>
    public class CharacterTests
    {
        private const double Rate = 20.0;
        private const double Start = 1000.0;
        private const double Latency = 0.02;

        private readonly Performer performer = new Performer();
        private FloodStream stream;
        private FloodCharacter character;

        [SetUp]
        public void Listen()
        {
            stream = new FloodStream();
            character = stream.Character(0);
            Send(performer.Skeleton(), Start);
        }

        [Test]
        public void NothingIsShownBeforeTheSkeletonIsKnown()
        {
            var late = new FloodStream();
            byte[] frame = performer.Frame(0, 0.0);
            late.Accept(frame, frame.Length, Start);
            Assert.IsFalse(late.Character(0).Update(Start));
            byte[] skeleton = performer.Skeleton();
            late.Accept(skeleton, skeleton.Length, Start);
            Assert.IsTrue(late.Character(0).Update(Start));
        }

        [Test]
        public void OnABadNetworkTheMotionIsStillThatOfTheSender()
        {
            var random = new Random(5);
            var arrivals = new List<KeyValuePair<double, byte[]>>();
            int lost = 0;
            for (int i = 0; i < 400; i++)
            {
                if (i > 20 && i < 380 && random.NextDouble() < 0.05)
                {
                    lost++;
                    continue;
                }
                // Jitter of more than a frame: some overtake others.
                double arrival = Start + i / Rate + Latency + 0.06 * random.NextDouble();
                arrivals.Add(new KeyValuePair<double, byte[]>(
                    arrival, performer.Frame(i, i / Rate)));
            }
            arrivals.Sort((a, b) => a.Key.CompareTo(b.Key));
            double error = 0.0;
            double last = double.NegativeInfinity;
            int next = 0;
            for (double now = Start + 1.0; now < Start + 19.0; now += 1.0 / 60.0)
            {
                for (; next < arrivals.Count && arrivals[next].Key <= now; next++)
                {
                    Send(arrivals[next].Value, arrivals[next].Key);
                }
                Assert.IsTrue(character.Update(now));
                double shown = now - Start - Latency - character.DelaySecs;
                Assert.Greater(shown, last, "time runs backwards");
                last = shown;
                // The clock filter knows the latency to the least jitter of two seconds.
                error = Math.Max(error, Closest(shown));
            }
            Assert.Less(error, 0.09, "radians, with one frame of twenty lost");
            Assert.AreEqual(lost, character.Stats.Lost, 1.0);
            Assert.Greater(character.Stats.Reordered, 5);
            Assert.AreEqual(0, character.Stats.Starved);
            Assert.AreEqual(0, character.Stats.Restarts);
            Assert.Less(character.DelaySecs, 0.2);
        }

        [Test]
        public void AStreamThatIsThinnedEvenlyHasNoLosses()
        {
            for (int i = 0; i < 200; i++)
            {
                Send(performer.Frame(3 * i, i / Rate), Start + i / Rate);
                character.Update(Start + i / Rate);
            }
            Assert.AreEqual(0, character.Stats.Lost);
            Assert.AreEqual(3, character.Stats.Stride);
            Assert.AreEqual(Rate, character.Stats.FramesPerSecond, 1.5);
        }

        [Test]
        public void LateAndDoubleFramesAreCountedAndForgotten()
        {
            Play(0, 40);
            Send(performer.Frame(39, 39 / Rate), Start + 2.0);
            Send(performer.Frame(2, 2 / Rate), Start + 2.0);
            Assert.AreEqual(2, character.Stats.Late);
            Assert.AreEqual(40, character.Stats.Received);
            Assert.AreEqual(0, character.Stats.Restarts);
        }

        [Test]
        public void ASenderThatBeginsAnewIsFollowedAtOnce()
        {
            Play(20000, 20100);
            double later = Start + 2000.0;
            for (int i = 0; i < 40; i++)
            {
                Send(performer.Frame(i, i / Rate), later + i / Rate);
                Assert.IsTrue(character.Update(later + i / Rate));
            }
            Assert.AreEqual(1, character.Stats.Restarts);
            Assert.That(character.ShownSequence, Is.InRange(35, 39));
        }

        [Test]
        public void ABodyWithoutFramesStandsAndGlidesBack()
        {
            double now = Play(0, 40);
            var last = new BodyPose();
            last.CopyFrom(character.Pose);
            float jump = 0f;
            // A second without frames, then the motion goes on.
            for (int tick = 0; tick < 150; tick++)
            {
                now += 1.0 / 60.0;
                int sequence = (int)((now - Start) * Rate);
                if (tick > 60)
                {
                    Send(performer.Frame(sequence, sequence / Rate), Start + sequence / Rate);
                }
                character.Update(now);
                jump = Math.Max(jump, Performer.Apart(last, character.Pose));
                last.CopyFrom(character.Pose);
            }
            Assert.AreEqual(1, character.Stats.Starved);
            Assert.Less(jump, 0.25f, "radians from one picture to the next");
        }

        [Test]
        public void APromptIsShownWithItsFrameAndNotBefore()
        {
            var shown = new List<string>();
            character.PromptShown += receipt => shown.Add(receipt.Text);
            Play(0, 20);
            Send(performer.Applied(1, "jump", 30), Start + 1.0);
            Send(performer.Applied(2, "sit", 50), Start + 1.0);
            Assert.IsEmpty(shown);
            for (int i = 20; i < 45; i++)
            {
                Send(performer.Frame(i, i / Rate), Start + i / Rate);
                character.Update(Start + i / Rate);
                Assert.AreEqual(character.ShownSequence >= 30 ? 1 : 0, shown.Count);
            }
            CollectionAssert.AreEqual(new[] { "jump" }, shown);
        }

        [Test]
        public void FramesThatAreTakenBackAreReplaced()
        {
            Play(0, 20);
            for (int i = 20; i < 30; i++)
            {
                Send(performer.Frame(i, i / Rate, new Vec3(0f, 5f, 0f)), Start + 20 / Rate);
            }
            Send(performer.Flush(20), Start + 20 / Rate);
            for (int i = 20; i < 60; i++)
            {
                Send(performer.Frame(i, i / Rate), Start + i / Rate);
                character.Update(Start + i / Rate);
                Assert.Less(character.Pose.RootPosition.Y, 1.5f);
            }
            Assert.AreEqual(0, character.Stats.Restarts);
            Assert.That(character.ShownSequence, Is.InRange(55, 58));
        }

        [Test]
        public void ImpossibleBodiesAreRefused()
        {
            byte[] frame = performer.Frame(0, 0.0);
            for (int word = 3; word <= 94; word++)
            {
                byte[] bad = (byte[])frame.Clone();
                int at = bad.Length - 4 * 94 + 4 * (word - 1) + (word >= 3 ? 4 : 0);
                if (at + 4 > bad.Length)
                {
                    break;
                }
                bad[at] = 0x7f;
                bad[at + 1] = 0xc0; // not a number
                Send(bad, Start);
            }
            Assert.AreEqual(0, character.Stats.Received);
            Assert.AreEqual(91, character.Stats.Refused);
            Assert.IsFalse(character.Update(Start));
        }

        [Test]
        public void CharactersDoNotTouchOneAnotherAndAreNotEndless()
        {
            byte[] other = new Performer(7).Frame(0, 0.0);
            Send(other, Start);
            Assert.AreEqual(1, stream.Character(7).Stats.Received);
            Assert.AreEqual(0, character.Stats.Received);
            for (int id = 0; id < 1100; id++)
            {
                stream.Character(id);
            }
            Assert.AreEqual(FloodStream.MaxCharacters, stream.CharacterCount);
            Assert.IsNull(stream.Character(1000));
            Assert.IsNull(stream.Character(-1));
        }

        [Test]
        public void TheLogSaysWhatComes()
        {
            stream.Log = new MessageLog();
            Play(0, 5);
            Assert.AreEqual("/flood/0/frame", stream.Log.Entries[0].Address);
            Assert.AreEqual(5, stream.Log.Entries[0].Count);
            StringAssert.StartsWith("4 200 0 ", stream.Log.Entries[0].Values);
        }

        private double Play(int first, int end)
        {
            double now = Start;
            for (int i = first; i < end; i++)
            {
                now = Start + i / Rate;
                Send(performer.Frame(i, i / Rate), now);
                character.Update(now);
            }
            return now;
        }

        /// <summary>
        /// How far the pose is from the true one, at the best moment within the unknown part of the latency.
        /// </summary>
        private double Closest(double secs)
        {
            double best = double.PositiveInfinity;
            for (double guess = secs - 0.012; guess < secs + 0.012; guess += 0.002)
            {
                best = Math.Min(best, Performer.Apart(Performer.Truth(guess), character.Pose));
            }
            return best;
        }

        private void Send(byte[] datagram, double arrivalSecs)
        {
            stream.Accept(datagram, datagram.Length, arrivalSecs);
        }
    }
}
