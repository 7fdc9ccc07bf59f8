using System;
using System.Collections.Generic;

namespace UnityEngine
{
    public static class Application
    {
        public static bool isPlaying { get; set; } = true;
    }

    public static class Time
    {
        public static float time { get; set; }

        public static float deltaTime { get; set; }
    }

    public static class Debug
    {
        public static readonly List<string> Log = new List<string>();

        public static void LogWarning(object message, Object context)
        {
            Log.Add("warning: " + message);
        }

        public static void LogException(Exception error, Object context)
        {
            Log.Add("exception: " + error.Message);
        }
    }

    public enum HumanBodyBones
    {
        Hips, LeftUpperLeg, RightUpperLeg, LeftLowerLeg, RightLowerLeg, LeftFoot, RightFoot, Spine, Chest,
        Neck, Head, LeftShoulder, RightShoulder, LeftUpperArm, RightUpperArm, LeftLowerArm, RightLowerArm,
        LeftHand, RightHand, LeftToes, RightToes, LeftEye, RightEye, Jaw, UpperChest = 54,
    }

    public struct SkeletonBone
    {
        public string name;
        public Vector3 position;
        public Quaternion rotation;
        public Vector3 scale;
    }

    public struct HumanDescription
    {
        public SkeletonBone[] skeleton;
    }

    public class Avatar : Object
    {
        public HumanDescription humanDescription { get; set; }
    }

    public class RuntimeAnimatorController : Object
    {
    }

    public class Animator : Behaviour
    {
        public readonly Dictionary<HumanBodyBones, Transform> Bones =
            new Dictionary<HumanBodyBones, Transform>();

        public Avatar avatar { get; set; }

        public RuntimeAnimatorController runtimeAnimatorController { get; set; }

        public bool isHuman
        {
            get { return Bones.Count > 0; }
        }

        public Transform GetBoneTransform(HumanBodyBones bone)
        {
            Transform found;
            return Bones.TryGetValue(bone, out found) ? found : null;
        }
    }

    public class Shader : Object
    {
        public static Shader Find(string name)
        {
            return new Shader { name = name };
        }
    }

    public class Material : Object
    {
        public Material(Shader shader)
        {
        }
    }

    public class Mesh : Object
    {
        public Vector3[] vertices { get; set; }

        public Color32[] colors32 { get; set; }

        public int[] triangles { get; set; }

        public void MarkDynamic()
        {
        }

        public void RecalculateNormals()
        {
        }

        public void RecalculateBounds()
        {
        }
    }

    public class MeshFilter : Component
    {
        public Mesh sharedMesh { get; set; }
    }

    public class MeshRenderer : Component
    {
        public Material sharedMaterial { get; set; }
    }

    public static class Gizmos
    {
        public static int Lines;

        public static Color color { get; set; }

        public static void DrawLine(Vector3 from, Vector3 to)
        {
            Lines++;
        }
    }

    public sealed class AddComponentMenu : Attribute
    {
        public AddComponentMenu(string menu)
        {
        }
    }

    public sealed class DefaultExecutionOrder : Attribute
    {
        public DefaultExecutionOrder(int order)
        {
        }
    }

    public sealed class ExecuteAlways : Attribute
    {
    }

    public sealed class DisallowMultipleComponent : Attribute
    {
    }

    public sealed class RequireComponent : Attribute
    {
        public RequireComponent(Type type)
        {
        }
    }

    public sealed class HeaderAttribute : Attribute
    {
        public HeaderAttribute(string text)
        {
        }
    }

    public sealed class TooltipAttribute : Attribute
    {
        public TooltipAttribute(string text)
        {
        }
    }

    public sealed class RangeAttribute : Attribute
    {
        public RangeAttribute(float least, float most)
        {
        }
    }
}
