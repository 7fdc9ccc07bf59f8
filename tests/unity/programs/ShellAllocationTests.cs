using System;
using System.Reflection;
using System.Threading;
using FloodBridge.Core;
using NUnit.Framework;
using UnityEngine;

namespace FloodBridge.Tests
{
    /// <summary>A frame of the game leaves nothing for the garbage collector, once everything has been seen.</summary>
    public class ShellAllocationTests : ShellStage
    {
        /// <summary>Updates until measuring itself costs nothing any more.</summary>
        private const int Unmeasured = 4;

        private static readonly byte[] Status = new OscWriter("/flood/status").Float(1f).Int(1)
            .Text("running").Text("a person walks").Float(60f).Float(60f).Float(200f).Int(0).Int(850)
            .ToDatagram();

        [Test]
        public void MovingAHumanoidAllocatesNothing()
        {
            Humanoid(RootMode.MoveCharacter, 1f);
            Assert.AreEqual(0, AllocatedByFrames(60));
            Assert.That(receiver.Source.ShownSequence, Is.GreaterThan(60));
        }

        [Test]
        public void DrawingAFigureAllocatesNothing()
        {
            hero = new GameObject("Nobody");
            Receive(RootMode.MoveHips);
            Assert.AreEqual(0, AllocatedByFrames(60));
        }

        /// <summary>Bytes taken on this thread in so many updates, each with a new frame.</summary>
        private long AllocatedByFrames(int count)
        {
            Play(40);
            var update = (Action)Delegate.CreateDelegate(
                typeof(Action), receiver,
                typeof(FloodBridgeReceiver).GetMethod(
                    "LateUpdate", BindingFlags.Instance | BindingFlags.NonPublic));
            long allocated = 0;
            for (int i = -Unmeasured; i < count; i++)
            {
                wire.Send(performer.Frame(sent, sent / 60.0));
                wire.Send(i % 2 == 0 ? Status : performer.Skeleton());
                sent++;
                Thread.Sleep(16);
                long before = GC.GetAllocatedBytesForCurrentThread();
                update();
                long taken = GC.GetAllocatedBytesForCurrentThread() - before;
                allocated += i < 0 ? 0 : taken;
            }
            return allocated;
        }
    }
}
