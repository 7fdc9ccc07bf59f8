using FloodBridge.Core;
using UnityEditor;
using UnityEngine;

namespace FloodBridge.Editor
{
    /// <summary>Window > Flood Bridge > Monitor: every OSC address that comes, and what it says.</summary>
    public sealed class MonitorWindow : EditorWindow
    {
        private readonly ReceiverPicker picker = new ReceiverPicker();
        private readonly MessageLog log = new MessageLog();
        private FloodStream watched;
        private Vector2 scroll;

        [MenuItem("Window/Flood Bridge/Monitor")]
        public static void Open()
        {
            GetWindow<MonitorWindow>("Flood Monitor");
        }

        private void OnDisable()
        {
            Watch(null);
        }

        private void OnGUI()
        {
            FloodBridgeReceiver receiver = picker.Draw();
            FloodBridgePort port = receiver == null ? null : receiver.Port;
            Watch(port == null ? null : port.Stream);
            if (port == null)
            {
                return;
            }
            StatusBox.Draw(receiver);
            EditorGUILayout.LabelField(string.Format(
                "UDP {0}: {1} datagrams, {2} not OSC{3}, {4} not fetched in time", port.Number,
                watched.Datagrams, watched.BadDatagrams,
                watched.BadDatagrams == 0 ? "" : " (" + watched.LastProblem + ")", port.Overflows));
            if (GUILayout.Button("Clear"))
            {
                log.Clear();
            }
            scroll = EditorGUILayout.BeginScrollView(scroll);
            foreach (MessageLog.Entry entry in log.Entries)
            {
                EditorGUILayout.LabelField(
                    entry.Address + "  x" + entry.Count, entry.Values + "  (" + Short(entry.Types) + ")");
            }
            EditorGUILayout.EndScrollView();
        }

        private void OnInspectorUpdate()
        {
            Repaint();
        }

        private void Watch(FloodStream stream)
        {
            if (watched == stream)
            {
                return;
            }
            if (watched != null)
            {
                watched.Log = null;
            }
            watched = stream;
            if (watched != null)
            {
                log.Clear();
                watched.Log = log;
            }
        }

        private static string Short(string types)
        {
            return types.Length <= 16 ? types : types.Substring(0, 12) + "... " + types.Length;
        }
    }
}
