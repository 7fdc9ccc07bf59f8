using System;
using System.Net;
using System.Net.Sockets;
using System.Threading;
using FloodBridge.Core;
using NUnit.Framework;

namespace FloodBridge.Tests
{
    /// <summary>A real port of this machine.</summary>
    public class SocketTests
    {
        [Test]
        public void DatagramsComeInOrderWithTheirTime()
        {
            using (var source = new DatagramSource(0, localOnly: true))
            using (var control = new FloodControl("127.0.0.1", source.Port))
            {
                double before = DatagramSource.NowSecs;
                for (int i = 0; i < 50; i++)
                {
                    Assert.IsTrue(control.Send(FloodCommands.Ping(i)));
                }
                var buffer = new byte[DatagramSource.SlotBytes];
                double last = before;
                for (int i = 0; i < 50; i++)
                {
                    double arrival = Take(source, buffer);
                    Assert.AreEqual(i, BigEndian.Int(buffer, 16));
                    Assert.That(arrival, Is.InRange(last, DatagramSource.NowSecs));
                    last = arrival;
                }
            }
        }

        [Test]
        public void OfTooManyTheOldestAreForgotten()
        {
            using (var source = new DatagramSource(0, true, 8))
            using (var control = new FloodControl("127.0.0.1", source.Port))
            {
                for (int i = 0; i < 20; i++)
                {
                    control.Send(FloodCommands.Ping(i));
                }
                var buffer = new byte[DatagramSource.SlotBytes];
                WaitUntil(() => source.Overflows == 12);
                Take(source, buffer);
                Assert.AreEqual(12, BigEndian.Int(buffer, 16));
            }
        }

        [Test]
        public void AClosedPortIsFreeAtOnceAndATakenOneIsRefused()
        {
            var source = new DatagramSource(0, true);
            int port = source.Port;
            Assert.Throws<SocketException>(() => new DatagramSource(port, true));
            source.Dispose();
            source.Dispose();
            using (var again = new DatagramSource(port, true))
            {
                Assert.AreEqual(port, again.Port);
            }
        }

        [Test]
        public void TooLargeDatagramsAreDropped()
        {
            using (var source = new DatagramSource(0, true))
            using (var client = new UdpClient())
            {
                client.Connect(IPAddress.Loopback, source.Port);
                client.Send(new byte[5000], 5000);
                byte[] ping = FloodCommands.Ping(1);
                client.Send(ping, ping.Length);
                var buffer = new byte[DatagramSource.SlotBytes];
                Take(source, buffer);
                Assert.AreEqual(1, BigEndian.Int(buffer, 16));
            }
        }

        [Test]
        public void ADaemonThatIsNotThereIsNoException()
        {
            int port;
            using (var source = new DatagramSource(0, true))
            {
                port = source.Port;
            }
            using (var control = new FloodControl("127.0.0.1", port))
            {
                for (int i = 0; i < 3; i++)
                {
                    control.Send(FloodCommands.Ping(i));
                    Thread.Sleep(5);
                }
            }
            using (var control = new FloodControl("no.such.host.invalid", 9500))
            {
                Assert.IsFalse(control.Send(FloodCommands.Ping(0)));
                StringAssert.Contains("no.such.host.invalid", control.Problem);
            }
            using (var control = new FloodControl("127.0.0.1", 123456))
            {
                Assert.IsFalse(control.Send(FloodCommands.Ping(0)));
            }
        }

        [Test]
        public void CommandsThatTheDaemonWouldRefuseAreNotMade()
        {
            Assert.IsNull(FloodCommands.ProblemWith(new string('x', 512)));
            StringAssert.Contains("514 bytes", FloodCommands.ProblemWith(new string('\u00e4', 257)));
            Assert.Throws<ArgumentException>(() => FloodCommands.Prompt(0, new string('x', 513), 0));
            Assert.Throws<ArgumentException>(() => FloodCommands.Stop(1024));
            Assert.Throws<ArgumentException>(() => FloodCommands.Stop(-1));
            Assert.AreEqual(FloodCommands.Prompt(0, "", 1), FloodCommands.Prompt(0, null, 1));
            Assert.AreEqual(FloodCommands.Prompt(0, "a b", 1), FloodCommands.Prompt(0, "a\0b", 1));
        }

        private static double Take(DatagramSource source, byte[] buffer)
        {
            int length;
            double arrival = 0.0;
            WaitUntil(() => source.TryTake(buffer, out length, out arrival));
            return arrival;
        }

        private static void WaitUntil(Func<bool> happens)
        {
            for (int i = 0; i < 2000 && !happens(); i++)
            {
                if (i == 1999)
                {
                    Assert.Fail("it did not come");
                }
                Thread.Sleep(5);
            }
        }
    }
}
