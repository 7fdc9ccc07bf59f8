using System;
using FloodBridge.Core;
using NUnit.Framework;

namespace FloodBridge.Tests
{
    /// <summary>Two clocks, a network that shakes, and a play-out that does not.</summary>
    public class TimingTests
    {
        [Test]
        public void TheLeastDelayGivesTheOffset()
        {
            var random = new Random(2);
            var clock = new ClockFilter();
            for (int i = 0; i < 200; i++)
            {
                double late = i % 20 == 7 ? 0.0 : 0.03 * random.NextDouble();
                clock.Observe(0.05 * i, 1000.0 + 0.05 * i + late);
            }
            Assert.AreEqual(1000.0, clock.Offset, 1e-9);
            Assert.That(clock.JitterSecs, Is.InRange(0.025, 0.03));
        }

        [Test]
        public void AClockThatDriftsIsFollowed()
        {
            var clock = new ClockFilter();
            for (int i = 0; i < 2000; i++)
            {
                double play = 0.05 * i;
                clock.Observe(play, 5.0 + play * 1.001);
                Assert.AreEqual(5.0 + play * 0.001, clock.Offset, 0.0025);
            }
        }

        [Test]
        public void OldDelaysAreForgottenAfterAPause()
        {
            var clock = new ClockFilter();
            clock.Observe(0.0, 1.0);
            clock.Observe(100.0, 103.0);
            Assert.AreEqual(3.0, clock.Offset, 1e-9);
        }

        [Test]
        public void QuantilesAreThoseOfTheLatestNumbers()
        {
            var window = new SlidingQuantile(10);
            Assert.AreEqual(9.0, window.Quantile(0.5, 9.0));
            for (int i = 0; i < 100; i++)
            {
                window.Add((37 * i) % 100);
            }
            // The last ten: 37 i mod 100 for i from 90 on.
            double[] latest = { 30, 67, 4, 41, 78, 15, 52, 89, 26, 63 };
            Array.Sort(latest);
            Assert.AreEqual(latest[0], window.Quantile(0.0, -1.0));
            Assert.AreEqual(latest[4], window.Quantile(0.5, -1.0));
            Assert.AreEqual(latest[9], window.Quantile(0.95, -1.0));
            Assert.AreEqual(10, window.Count);
        }

        [Test]
        public void PlayTimesLoseTheRoundingToMilliseconds()
        {
            var timeline = new PlayTimeline();
            double first = 0.0;
            double worst = 0.0;
            for (int i = 0; i < 1200; i++)
            {
                double trueMs = 500.3 + i * 1000.0 / 60.0;
                double secs = timeline.PlaySecs(i, (int)Math.Round(trueMs));
                first = i == 300 ? secs - trueMs / 1000.0 : first;
                worst = i > 300 ? Math.Max(worst, Math.Abs(secs - trueMs / 1000.0 - first)) : worst;
            }
            Assert.Less(worst, 0.00025);
        }

        [Test]
        public void PlayTimesGoOnAfter31BitsAndFollowANewRate()
        {
            var timeline = new PlayTimeline();
            double last = timeline.PlaySecs(int.MaxValue - 3, int.MaxValue - 120);
            for (int i = 1; i < 40; i++)
            {
                int sequence = (int.MaxValue - 3 + i) & int.MaxValue;
                Assert.IsFalse(timeline.IsBroken(sequence, (int.MaxValue - 120 + 50 * i) & int.MaxValue));
                double secs = timeline.PlaySecs(sequence, (int.MaxValue - 120 + 50 * i) & int.MaxValue);
                Assert.AreEqual(0.05, secs - last, 1e-6);
                last = secs;
            }
            double before = timeline.PlaySecs(37, 1880);
            for (int i = 1; i < 40; i++)
            {
                before = last;
                last = timeline.PlaySecs(37 + i, 1880 + 10 * i);
            }
            Assert.AreEqual(0.01, last - before, 1e-4);
        }

        [Test]
        public void ASenderThatBeginsAnewIsNoticed()
        {
            var timeline = new PlayTimeline();
            timeline.PlaySecs(5000, 250000);
            Assert.IsFalse(timeline.IsBroken(5001, 250050));
            Assert.IsFalse(timeline.IsBroken(4998, 249900), "overtaken");
            Assert.IsFalse(timeline.IsBroken(5000, 250000), "twice");
            Assert.IsTrue(timeline.IsBroken(0, 0));
            Assert.IsTrue(timeline.IsBroken(5001, 249000));
            Assert.IsTrue(timeline.IsBroken(4999, 250100));
        }

        [Test]
        public void ThePlayOutNeverGoesBackAndIsAtMostFivePerCentOff()
        {
            var random = new Random(3);
            var clock = new ClockFilter();
            var playout = new PlayoutClock();
            double head = double.NegativeInfinity;
            for (int i = 0; i < 1200; i++)
            {
                double play = i / 60.0;
                // From the middle on, the network is much worse.
                double jitter = (i < 600 ? 0.002 : 0.08) * random.NextDouble();
                clock.Observe(play, 50.0 + play + jitter);
                playout.Advance(50.1 + play, clock, 1.0 / 60.0, 0.0);
                double step = playout.HeadSecs - head;
                head = playout.HeadSecs;
                if (i > 0)
                {
                    Assert.That(step * 60.0, Is.InRange(0.9499, 1.0501), "frame " + i);
                }
            }
            double wanted = clock.JitterSecs + 2.0 / 60.0;
            Assert.AreEqual(wanted, playout.DelaySecs, 0.01);
            Assert.Greater(playout.DelaySecs, 0.09);
        }

        [Test]
        public void AfterAStandstillThePlayOutJumps()
        {
            var clock = new ClockFilter();
            var playout = new PlayoutClock();
            clock.Observe(10.0, 0.0);
            playout.Advance(0.0, clock, 0.05, 0.0);
            Assert.AreEqual(9.9, playout.HeadSecs, 1e-9);
            clock.Reset();
            clock.Observe(10.1, 5.0);
            playout.Advance(5.0, clock, 0.05, 0.0);
            Assert.AreEqual(10.0, playout.HeadSecs, 1e-9);
        }
    }
}
