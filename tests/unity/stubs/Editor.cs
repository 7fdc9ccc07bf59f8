using System;
using System.Collections.Generic;
using UnityEngine;

namespace UnityEditor
{
    public enum MessageType
    {
        None, Info, Warning, Error,
    }

    public class Editor : UnityEngine.Object
    {
        public UnityEngine.Object target { get; set; }

        public virtual bool RequiresConstantRepaint()
        {
            return false;
        }

        public virtual void OnInspectorGUI()
        {
        }

        public bool DrawDefaultInspector()
        {
            return false;
        }
    }

    public class EditorWindow : UnityEngine.Object
    {
        public static T GetWindow<T>(string title) where T : EditorWindow, new()
        {
            return new T { name = title };
        }

        public void Repaint()
        {
        }
    }

    [AttributeUsage(AttributeTargets.Class)]
    public sealed class CustomEditor : Attribute
    {
        public CustomEditor(Type type)
        {
        }
    }

    [AttributeUsage(AttributeTargets.Method)]
    public sealed class MenuItem : Attribute
    {
        public MenuItem(string path)
        {
        }

        public MenuItem(string path, bool isValidate)
        {
        }

        public MenuItem(string path, bool isValidate, int priority)
        {
        }
    }

    public static class EditorStyles
    {
        public static GUIStyle boldLabel { get; set; }

        public static GUIStyle miniButton { get; set; }
    }

    public static class EditorGUI
    {
        public static void BeginDisabledGroup(bool isDisabled)
        {
        }

        public static void EndDisabledGroup()
        {
        }
    }

    public static class EditorGUILayout
    {
        public static readonly List<string> Drawn = new List<string>();

        public static void LabelField(string label, GUIStyle style, params GUILayoutOption[] options)
        {
            Drawn.Add(label);
        }

        public static void LabelField(string label, params GUILayoutOption[] options)
        {
            Drawn.Add(label);
        }

        public static void LabelField(string label, string second, params GUILayoutOption[] options)
        {
            Drawn.Add(label + " | " + second);
        }

        public static string TextArea(string text, params GUILayoutOption[] options)
        {
            return text;
        }

        public static void HelpBox(string text, MessageType type)
        {
            Drawn.Add(type + ": " + text);
        }

        public static int Popup(string label, int chosen, string[] names, params GUILayoutOption[] options)
        {
            return chosen;
        }

        public static void Space()
        {
        }

        public static void BeginHorizontal(params GUILayoutOption[] options)
        {
        }

        public static void EndHorizontal()
        {
        }

        public static Vector2 BeginScrollView(Vector2 scroll, params GUILayoutOption[] options)
        {
            return scroll;
        }

        public static void EndScrollView()
        {
        }
    }

    public static class EditorApplication
    {
        public static void QueuePlayerLoopUpdate()
        {
        }
    }

    public static class SceneView
    {
        public static void RepaintAll()
        {
        }
    }

    public static class Selection
    {
        public static GameObject activeGameObject { get; set; }
    }

    public static class Undo
    {
        public static T AddComponent<T>(GameObject holder) where T : Component, new()
        {
            return holder.AddComponent<T>();
        }

        public static void RegisterCreatedObjectUndo(UnityEngine.Object made, string name)
        {
        }
    }
}

namespace UnityEditor.SceneManagement
{
    public enum NewSceneSetup
    {
        EmptyScene, DefaultGameObjects,
    }

    public enum NewSceneMode
    {
        Single, Additive,
    }

    public static class EditorSceneManager
    {
        public static bool SaveCurrentModifiedScenesIfUserWantsTo()
        {
            return true;
        }

        public static int NewScene(NewSceneSetup setup, NewSceneMode mode)
        {
            return 0;
        }
    }
}
