using System.Collections.Generic;
using System.Text;
using FloodBridge.Core;
using NUnit.Framework;

namespace FloodBridge.Tests
{
    /// <summary>The reader takes what OSC allows and survives what it does not.</summary>
    public class OscTests
    {
        private sealed class Ear : IOscListener
        {
            public readonly List<string> Heard = new List<string>();

            public void Hear(ref OscMessage message)
            {
                Heard.Add(message.Address + " " + message.Types);
            }
        }

        private static readonly byte[] Good = new OscWriter("/flood/0/flush").Int(7).ToDatagram();

        [Test]
        public void AMessageComesBackAsItWasWritten()
        {
            byte[] datagram = new OscWriter("/a").Int(-5).Text("\u00e4bc").Float(1.5f).ToDatagram();
            var reader = new Echo();
            Assert.AreEqual(OscProblem.None, OscReader.Read(datagram, datagram.Length, reader));
            Assert.AreEqual("-5 \u00e4bc True", reader.Said);
        }

        private sealed class Echo : IOscListener
        {
            public string Said;

            public void Hear(ref OscMessage message)
            {
                Assert.IsTrue(message.BeginsWith("is"), "surplus arguments are allowed");
                Assert.IsFalse(message.BeginsWith("isff"));
                Assert.IsFalse(message.BeginsWith("ii"));
                OscArguments arguments = message.Arguments;
                Said = arguments.NextInt() + " " + arguments.NextText(new TextCache()) + " "
                    + (arguments.NextFloat() == 1.5f);
            }
        }

        [Test]
        public void BundlesInBundlesAreReadInOrderWhateverTheirTimeTags()
        {
            byte[] inner = Bundle(Good, new OscWriter("/b").ToDatagram());
            byte[] datagram = Bundle(inner, new OscWriter("/c").Float(0f).ToDatagram());
            for (int i = 8; i < 16; i++)
            {
                datagram[i] = 0xff; // a time tag in the far future
            }
            var ear = new Ear();
            Assert.AreEqual(OscProblem.None, OscReader.Read(datagram, datagram.Length, ear));
            CollectionAssert.AreEqual(new[] { "/flood/0/flush i", "/b ", "/c f" }, ear.Heard);
        }

        [Test]
        public void NothingOfADatagramCountsIfItsEndIsBad()
        {
            byte[] datagram = Bundle(Good, Raw("/b\0\0,q\0\0"));
            var ear = new Ear();
            Assert.AreEqual(OscProblem.Tags, OscReader.Read(datagram, datagram.Length, ear));
            Assert.IsEmpty(ear.Heard);
        }

        [Test]
        public void ABundleThatIsCutInsideAMessageIsRefused()
        {
            byte[] whole = Golden.Stream()[1];
            var ends = new List<int> { 16 };
            for (int at = 16; at < whole.Length; at = ends[ends.Count - 1])
            {
                ends.Add(at + 4 + BigEndian.Int(whole, at));
            }
            for (int length = -4; length <= whole.Length; length++)
            {
                var ear = new Ear();
                bool isRead = OscReader.Read(whole, length, ear) == OscProblem.None;
                Assert.AreEqual(ends.Contains(length), isRead, "cut to " + length);
                Assert.AreEqual(isRead ? ends.IndexOf(length) : 0, ear.Heard.Count);
            }
        }

        [Test]
        public void HandMadeKillersAreRefused()
        {
            Refuse(OscProblem.Size, new byte[0]);
            Refuse(OscProblem.Size, new byte[OscReader.MaxDatagramBytes + 4]);
            Refuse(OscProblem.Size, Raw("/a\0"));
            Refuse(OscProblem.Bundle, Raw("#bundle\0\0\0\0\0\0\0\0\u0001\u00ff\u00ff\u00ff\u00fc"));
            Refuse(OscProblem.Bundle, Raw("#bundle\0\0\0\0\0\0\0\0\u0001\u007f\u00ff\u00ff\u00fc"));
            Refuse(OscProblem.Bundle, Raw("#bundle\0\0\0\0\0"));
            Refuse(OscProblem.Bundle, Raw("#bungle\0\0\0\0\0\0\0\0\u0001"));
            Refuse(OscProblem.Address, Raw("/" + new string('*', 30) + "\0"));
            Refuse(OscProblem.Address, Raw("abc\0"));
            Refuse(OscProblem.Address, Raw("/\u00ff\u00fe\0"));
            Refuse(OscProblem.Address, Raw("/abc"));
            Refuse(OscProblem.Tags, Raw("/a\0\0iii\0"));
            Refuse(OscProblem.Tags, Raw("/a\0\0," + new string('T', 300) + "\0\0\0"));
            Refuse(OscProblem.Arguments, Raw("/a\0\0,i\0\0"));
            Refuse(OscProblem.Arguments, Raw("/a\0\0,s\0\0abcd"));
            Refuse(OscProblem.Arguments, Raw("/a\0\0,b\0\0\u00ff\u00ff\u00ff\u00ff"));
            Refuse(OscProblem.Arguments, Raw("/a\0\0,b\0\0\u007f\u00ff\u00ff\u00ff"));
            Refuse(OscProblem.Arguments, Raw("/a\0\0,\0\0\0abcd"));
            byte[] nested = Good;
            for (int i = 0; i < OscReader.MaxDepth; i++)
            {
                nested = Bundle(nested);
            }
            Assert.AreEqual(OscProblem.None, OscReader.Read(nested, nested.Length, new Ear()));
            Refuse(OscProblem.Depth, Bundle(nested));
        }

        [Test]
        public void AddressesAreTakenApartWithoutMistakes()
        {
            AssertTopic("/flood/0/frame", FloodTopic.Frame, 0);
            AssertTopic("/flood/1023/prompt/applied", FloodTopic.PromptApplied, 1023);
            AssertTopic("/flood/status", FloodTopic.Status, -1);
            AssertTopic("/flood/1024/frame", FloodTopic.Unknown, -1);
            AssertTopic("/flood/99999999999999999999/frame", FloodTopic.Unknown, -1);
            AssertTopic("/flood//frame", FloodTopic.Unknown, -1);
            AssertTopic("/flood/7", FloodTopic.Unknown, -1);
            AssertTopic("/flood/7/frames", FloodTopic.Unknown, 7);
            AssertTopic("/flood/7/status", FloodTopic.Unknown, 7);
            AssertTopic("/flood/frame", FloodTopic.Unknown, -1);
            AssertTopic("/VMC/Ext/OK", FloodTopic.Unknown, -1);
        }

        private sealed class TopicEar : IOscListener
        {
            public FloodTopic Topic;
            public int Id;

            public void Hear(ref OscMessage message)
            {
                Topic = FloodAddress.Parse(ref message, out Id);
            }
        }

        private static void AssertTopic(string address, FloodTopic topic, int id)
        {
            byte[] datagram = new OscWriter(address).ToDatagram();
            var ear = new TopicEar();
            Assert.AreEqual(OscProblem.None, OscReader.Read(datagram, datagram.Length, ear));
            Assert.AreEqual(topic, ear.Topic, address);
            Assert.AreEqual(id, ear.Id, address);
        }

        private static void Refuse(OscProblem problem, byte[] datagram)
        {
            var ear = new Ear();
            Assert.AreEqual(problem, OscReader.Read(datagram, datagram.Length, ear));
            Assert.IsEmpty(ear.Heard);
        }

        private static byte[] Bundle(params byte[][] elements)
        {
            var bytes = new List<byte>(Raw("#bundle\0\0\0\0\0\0\0\0\u0001"));
            foreach (byte[] element in elements)
            {
                bytes.AddRange(new byte[] { 0, 0, (byte)(element.Length >> 8), (byte)element.Length });
                bytes.AddRange(element);
            }
            return bytes.ToArray();
        }

        private static byte[] Raw(string text)
        {
            return Encoding.GetEncoding("iso-8859-1").GetBytes(text);
        }
    }
}
