using FloodBridge.Core;
using UnityEditor;
using UnityEngine;

namespace FloodBridge.Editor
{
    /// <summary>A text area and the buttons that send it: part of the inspector and of the prompt window.</summary>
    internal sealed class PromptBox
    {
        private const int HistoryLength = 8;

        private readonly System.Collections.Generic.List<string> history =
            new System.Collections.Generic.List<string>();

        private string text = "a person walks forward";

        /// <summary>Draw the box; what it says goes to <paramref name="receiver"/>.</summary>
        public void Draw(FloodBridgeReceiver receiver)
        {
            EditorGUILayout.LabelField("Prompt", EditorStyles.boldLabel);
            text = EditorGUILayout.TextArea(text, GUILayout.MinHeight(36f));
            string problem = FloodCommands.ProblemWith(text);
            if (problem != null)
            {
                EditorGUILayout.HelpBox(problem, MessageType.Error);
            }
            EditorGUILayout.BeginHorizontal();
            EditorGUI.BeginDisabledGroup(problem != null);
            if (GUILayout.Button("Send prompt"))
            {
                Send(receiver, text);
            }
            EditorGUI.EndDisabledGroup();
            Buttons(receiver);
            EditorGUILayout.EndHorizontal();
            foreach (string old in history)
            {
                if (GUILayout.Button(old, EditorStyles.miniButton))
                {
                    text = old;
                    Send(receiver, old);
                    break; // the list has changed
                }
            }
        }

        private static void Buttons(FloodBridgeReceiver receiver)
        {
            if (GUILayout.Button("Stop", EditorStyles.miniButton))
            {
                receiver.StopMotion();
            }
            if (GUILayout.Button("Reset", EditorStyles.miniButton))
            {
                receiver.ResetMotion();
            }
            if (GUILayout.Button("Pause", EditorStyles.miniButton))
            {
                receiver.PauseMotion(true);
            }
            if (GUILayout.Button("Resume", EditorStyles.miniButton))
            {
                receiver.PauseMotion(false);
            }
        }

        private void Send(FloodBridgeReceiver receiver, string prompt)
        {
            receiver.Prompt(prompt);
            history.Remove(prompt);
            history.Insert(0, prompt);
            if (history.Count > HistoryLength)
            {
                history.RemoveAt(HistoryLength);
            }
        }
    }
}
