using System;
using FloodBridge.Core;
using NUnit.Framework;

namespace FloodBridge.Tests
{
    /// <summary>Rotations follow the laws of rotations, in Unity's axes.</summary>
    public class QuatTests
    {
        private readonly Random random = new Random(1);

        [Test]
        public void ATurnToTheRightLeadsForwardToTheRight()
        {
            Vec3 forward = Quat.FromYaw((float)(Math.PI / 2)) * new Vec3(0f, 0f, 1f);
            AssertNear(new Vec3(1f, 0f, 0f), forward);
            // The same numbers as Unity's Quaternion.Euler(90, 0, 0) * Vector3.forward = (0, -1, 0).
            AssertNear(new Vec3(0f, -1f, 0f), Quat.Exp(new Vec3((float)(Math.PI / 2), 0f, 0f))
                * new Vec3(0f, 0f, 1f));
        }

        [Test]
        public void AProductTurnsByTheSecondFirst()
        {
            for (int i = 0; i < 100; i++)
            {
                Quat a = Any();
                Quat b = Any();
                Vec3 v = AnyVector();
                AssertNear(a * (b * v), (a * b) * v);
                AssertNear(v, a.Inverse * (a * v));
                Assert.AreEqual(v.Length, (a * v).Length, 1e-5f);
            }
        }

        [Test]
        public void LogUndoesExp()
        {
            for (int i = 0; i < 100; i++)
            {
                Vec3 turn = AnyVector() * (3f / 1.8f);
                AssertNear(turn, Quat.Log(Quat.Exp(turn)));
                Quat q = Quat.Exp(turn);
                AssertNear(turn, Quat.Log(new Quat(-q.X, -q.Y, -q.Z, -q.W)));
            }
            AssertNear(Vec3.Zero, Quat.Log(Quat.Identity));
        }

        [Test]
        public void SlerpTurnsEvenlyTheShorterWay()
        {
            for (int i = 0; i < 100; i++)
            {
                Quat a = Any();
                Vec3 turn = AnyVector();
                Quat b = a * Quat.Exp(turn);
                float share = (float)(1.5 * random.NextDouble());
                Quat expected = a * Quat.Exp(turn * share);
                Assert.Less((expected.Inverse * Quat.Slerp(a, b, share)).Angle, 2e-3f);
                Quat minus = new Quat(-b.X, -b.Y, -b.Z, -b.W);
                Assert.Less((expected.Inverse * Quat.Slerp(a, minus, share)).Angle, 2e-3f);
            }
        }

        [Test]
        public void YawIsTheTurnAboutTheVertical()
        {
            for (float yaw = -3.1f; yaw < 3.1f; yaw += 0.1f)
            {
                Assert.AreEqual(yaw, Quat.FromYaw(yaw).Yaw, 1e-5f);
                Quat leaning = Quat.FromYaw(yaw) * Quat.Exp(new Vec3(0.4f, 0f, 0f));
                Assert.AreEqual(yaw, leaning.Yaw, 1e-5f);
            }
        }

        [Test]
        public void WhatIsNoRotationIsNotNormalised()
        {
            foreach (float bad in new[] { float.NaN, float.PositiveInfinity, 1e30f, 0f })
            {
                var q = new Quat(bad, 0f, 0f, 0f);
                Assert.IsFalse(Quat.TryNormalise(ref q));
            }
            var long3 = new Quat(0f, 0f, 0f, 1.5f);
            Assert.IsTrue(Quat.TryNormalise(ref long3));
            Assert.AreEqual(1f, long3.W);
        }

        [Test]
        public void AnglesTakeTheShorterWayRound()
        {
            Assert.AreEqual(-3.1f, Angles.Lerp(3.1f, -3.1f, 1f), 1e-5f);
            Assert.AreEqual(Math.PI, Math.Abs(Angles.Lerp(3.1f, -3.1f, 0.5f)), 1e-5);
        }

        [Test]
        public void CountersGoOnAfter31Bits()
        {
            Assert.AreEqual(7, Serial.Difference(5, int.MaxValue - 1));
            Assert.AreEqual(-7, Serial.Difference(int.MaxValue - 1, 5));
            Assert.AreEqual(-3, Serial.Difference(2, 5));
        }

        private Quat Any()
        {
            return Quat.Exp(AnyVector());
        }

        /// <summary>Each axis within 1; at most 1.8 long.</summary>
        private Vec3 AnyVector()
        {
            return new Vec3(
                (float)(2.0 * random.NextDouble() - 1.0), (float)(2.0 * random.NextDouble() - 1.0),
                (float)(2.0 * random.NextDouble() - 1.0));
        }

        private static void AssertNear(Vec3 expected, Vec3 actual)
        {
            Assert.Less((expected - actual).Length, 1e-5f, expected + " but was " + actual);
        }
    }
}
