using System;
using System.Collections.Generic;
using System.Reflection;

namespace UnityEngine
{
    [Flags]
    public enum HideFlags
    {
        None = 0,
        DontSave = 52,
    }

    public enum PrimitiveType
    {
        Plane = 4,
    }

    public class Object
    {
        private bool isDestroyed;

        public string name { get; set; }

        public HideFlags hideFlags { get; set; }

        public static void Destroy(Object thing)
        {
            DestroyImmediate(thing);
        }

        public static void DestroyImmediate(Object thing)
        {
            var holder = thing as GameObject;
            if (holder != null)
            {
                holder.Leave();
            }
            thing.isDestroyed = true;
        }

        public override bool Equals(object other)
        {
            return ReferenceEquals(this, other);
        }

        public override int GetHashCode()
        {
            return base.GetHashCode();
        }

        /// <summary>As in Unity, what has been destroyed equals null.</summary>
        public static bool operator ==(Object a, Object b)
        {
            bool aIsGone = ReferenceEquals(a, null) || a.isDestroyed;
            bool bIsGone = ReferenceEquals(b, null) || b.isDestroyed;
            return aIsGone || bIsGone ? aIsGone && bIsGone : ReferenceEquals(a, b);
        }

        public static bool operator !=(Object a, Object b)
        {
            return !(a == b);
        }
    }

    public class GameObject : Object
    {
        private readonly List<Component> components = new List<Component>();

        public GameObject(string name)
        {
            this.name = name;
            transform = new Transform { gameObject = this };
        }

        public Transform transform { get; private set; }

        public static GameObject CreatePrimitive(PrimitiveType type)
        {
            return new GameObject(type.ToString());
        }

        public T AddComponent<T>() where T : Component, new()
        {
            var added = new T { gameObject = this };
            components.Add(added);
            Call(added, "OnEnable");
            return added;
        }

        public T GetComponent<T>() where T : Component
        {
            return components.Find(each => each is T) as T;
        }

        public T GetComponentInChildren<T>() where T : Component
        {
            T found = GetComponent<T>();
            foreach (Transform child in transform.Children)
            {
                found = found ?? child.gameObject.GetComponentInChildren<T>();
            }
            return found;
        }

        /// <summary>Send a message such as LateUpdate to every component.</summary>
        public void Tell(string message)
        {
            foreach (Component each in components.ToArray())
            {
                Call(each, message);
            }
        }

        internal void Leave()
        {
            Tell("OnDisable");
            transform.SetParent(null, false);
        }

        private static void Call(Component component, string message)
        {
            MethodInfo method = component.GetType().GetMethod(
                message, BindingFlags.Instance | BindingFlags.NonPublic | BindingFlags.Public);
            if (method != null)
            {
                method.Invoke(component, null);
            }
        }
    }

    public class Component : Object
    {
        public GameObject gameObject { get; internal set; }

        public Transform transform
        {
            get { return gameObject.transform; }
        }

        public new string name
        {
            get { return gameObject.name; }
        }

        public T GetComponent<T>() where T : Component
        {
            return gameObject.GetComponent<T>();
        }

        public T GetComponentInChildren<T>() where T : Component
        {
            return gameObject.GetComponentInChildren<T>();
        }
    }

    public class Transform : Component
    {
        internal readonly List<Transform> Children = new List<Transform>();

        public IEnumerable<Transform> ChildrenOf()
        {
            return Children;
        }

        public Vector3 localPosition { get; set; }

        public Quaternion localRotation { get; set; } = Quaternion.identity;

        public Vector3 localScale { get; set; } = Vector3.one;

        public Transform parent { get; private set; }

        public new Transform transform
        {
            get { return this; }
        }

        /// <summary>Exact as long as scales are even.</summary>
        public Vector3 lossyScale
        {
            get
            {
                return parent == null ? localScale : Vector3.Scale(parent.lossyScale, localScale);
            }
        }

        public Quaternion rotation
        {
            get { return parent == null ? localRotation : parent.rotation * localRotation; }
            set
            {
                localRotation = parent == null ? value
                    : Quaternion.Inverse(parent.rotation) * value;
            }
        }

        public Vector3 position
        {
            get { return parent == null ? localPosition : parent.TransformPoint(localPosition); }
            set
            {
                localPosition = parent == null ? value : parent.InverseTransformPoint(value);
            }
        }

        public void SetParent(Transform newParent, bool worldPositionStays)
        {
            if (parent != null)
            {
                parent.Children.Remove(this);
            }
            parent = newParent;
            if (parent != null)
            {
                parent.Children.Add(this);
            }
        }

        public Vector3 TransformPoint(Vector3 point)
        {
            Vector3 placed = localPosition + localRotation * Vector3.Scale(localScale, point);
            return parent == null ? placed : parent.TransformPoint(placed);
        }

        public Vector3 InverseTransformPoint(Vector3 point)
        {
            Vector3 here = parent == null ? point : parent.InverseTransformPoint(point);
            Vector3 turned = Quaternion.Inverse(localRotation) * (here - localPosition);
            return new Vector3(turned.x / localScale.x, turned.y / localScale.y, turned.z / localScale.z);
        }

        public void LookAt(Vector3 point)
        {
        }
    }

    public class Behaviour : Component
    {
        public bool enabled { get; set; } = true;
    }

    public class MonoBehaviour : Behaviour
    {
    }

    public class CharacterController : Component
    {
        public Vector3 Moved;

        public bool enabled { get; set; } = true;

        public int Move(Vector3 motion)
        {
            Moved += motion;
            transform.position += motion;
            return 0;
        }
    }

    public class Camera : Behaviour
    {
        public static Camera main { get; set; }
    }
}
