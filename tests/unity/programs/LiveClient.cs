using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Text;
using System.Threading;
using FloodBridge.Core;

namespace FloodBridge.Tests
{
    /// <summary>
    /// LiveClient.exe SECONDS CONTROL_PORT FILE: receives character 0 as the Unity component does, sixty times a second,
    /// and writes down the joints of every frame that came and, at the end, how it went. Prints its UDP port when it
    /// listens; counts the seconds from the first frame on.
    /// </summary>
    internal sealed class LiveClient : IOscListener
    {
        private const double PatienceSecs = 120.0;

        private readonly FloodStream stream = new FloodStream();
        private readonly MotionFrame frame = new MotionFrame();
        private readonly BodySkeleton skeleton = new BodySkeleton();
        private readonly Vec3[] joints = new Vec3[HumanBody.JointCount];
        private readonly Quat[] turns = new Quat[HumanBody.JointCount];
        private readonly List<string> lines = new List<string>();
        private bool hasSkeleton;

        private static int Main(string[] arguments)
        {
            CultureInfo.DefaultThreadCurrentCulture = CultureInfo.InvariantCulture;
            Thread.CurrentThread.CurrentCulture = CultureInfo.InvariantCulture;
            var client = new LiveClient();
            bool isHeard = client.Run(
                double.Parse(arguments[0]), int.Parse(arguments[1]));
            File.WriteAllLines(arguments[2], client.lines.ToArray());
            return isHeard ? 0 : 1;
        }

        private bool Run(double seconds, int controlPort)
        {
            FloodCharacter character = stream.Character(0);
            stream.PromptApplied += r => lines.Add("applied " + r.RequestId + " " + r.Sequence);
            character.PromptShown += r => lines.Add(
                "shown " + r.RequestId + " " + r.Sequence + " " + character.ShownSequence);
            using (var source = new DatagramSource(0, true))
            using (var control = new FloodControl("127.0.0.1", controlPort))
            {
                Console.WriteLine(source.Port);
                Console.Out.Flush();
                double began = DatagramSource.NowSecs;
                double first = double.PositiveInfinity;
                for (double now = began; now < Math.Min(first + seconds, began + PatienceSecs);
                    now = DatagramSource.NowSecs)
                {
                    Listen(source);
                    if (character.Update(now) && double.IsInfinity(first))
                    {
                        first = now;
                        control.Send(FloodCommands.Prompt(0, "a person waves", 77));
                    }
                    Thread.Sleep(16);
                }
                lines.Add(Summary(character, source));
                return !double.IsInfinity(first);
            }
        }

        private void Listen(DatagramSource source)
        {
            var buffer = new byte[DatagramSource.SlotBytes];
            int length;
            double arrivalSecs;
            while (source.TryTake(buffer, out length, out arrivalSecs))
            {
                stream.Accept(buffer, length, arrivalSecs);
                OscReader.Read(buffer, length, this);
            }
        }

        void IOscListener.Hear(ref OscMessage message)
        {
            int id;
            FloodTopic topic = FloodAddress.Parse(ref message, out id);
            if (topic == FloodTopic.Skeleton)
            {
                hasSkeleton |= skeleton.TryRead(ref message);
            }
            else if (topic == FloodTopic.Frame && hasSkeleton
                && FrameDecoder.TryReadFrame(ref message, frame))
            {
                skeleton.Place(frame, joints, turns);
                lines.Add(Describe());
            }
        }

        private string Describe()
        {
            var line = new StringBuilder("frame " + frame.Sequence);
            foreach (Vec3 joint in joints)
            {
                line.AppendFormat(" {0:R} {1:R} {2:R}", joint.X, joint.Y, joint.Z);
            }
            return line.ToString();
        }

        private string Summary(FloodCharacter character, DatagramSource source)
        {
            StreamStats stats = character.Stats;
            return string.Format(
                "stats received {0} lost {1} reordered {2} late {3} refused {4} restarts {5} starved {6} "
                + "bad {7} overflows {8} delay_ms {9:0.0} jitter_ms {10:0.0}",
                stats.Received, stats.Lost, stats.Reordered, stats.Late, stats.Refused, stats.Restarts,
                stats.Starved, stream.BadDatagrams, source.Overflows, 1000.0 * character.DelaySecs,
                1000.0 * character.JitterSecs);
        }
    }
}
