using FloodBridge.Core;
using UnityEditor;

namespace FloodBridge.Editor
{
    /// <summary>Whether the motion comes, and how well.</summary>
    internal static class StatusBox
    {
        public static void Draw(FloodBridgeReceiver receiver)
        {
            EditorGUILayout.HelpBox(Describe(receiver), Kind(receiver));
        }

        public static string Describe(FloodBridgeReceiver receiver)
        {
            if (receiver.Port == null)
            {
                return "Not listening: press Play, or turn on the preview in Edit mode.";
            }
            if (receiver.Problem != null)
            {
                return receiver.Problem;
            }
            if (!receiver.HasPose)
            {
                return "Waiting for frames of character " + receiver.character + " on UDP port "
                    + receiver.port + ". Is flood-bridge running?";
            }
            FloodCharacter source = receiver.Source;
            StreamStats stats = source.Stats;
            return string.Format(
                "{0:0} frames/s, lost {1:0.0} % ({2}), delay {3:0} ms, jitter {4:0} ms\n"
                + "frames {5}, overtaken {6}, late {7}, stalls {8}, restarts {9}\n"
                + "{10}: {11}",
                stats.FramesPerSecond, 100f * stats.LossShare, stats.Lost, 1000.0 * source.DelaySecs,
                1000.0 * source.JitterSecs, stats.Received, stats.Reordered, stats.Late, stats.Starved,
                stats.Restarts, receiver.Port.Stream.Status.State ?? "no status yet",
                receiver.Port.Stream.Status.Prompt);
        }

        private static MessageType Kind(FloodBridgeReceiver receiver)
        {
            return receiver.Port == null ? MessageType.None
                : receiver.Problem != null ? MessageType.Error
                : receiver.HasPose ? MessageType.Info : MessageType.Warning;
        }
    }
}
