using System;
using System.Collections.Generic;
using FloodBridge.Core;
using UnityEngine;

namespace FloodBridge.Tests
{
    /// <summary>
    /// A Humanoid as an importer might leave it: an armature in centimetres, bones with axes of their own, twist bones
    /// between, and a scene in which it stands in an A-pose, while the Avatar knows the T-pose.
    /// </summary>
    internal sealed class StubAvatar
    {
        public readonly GameObject Hero = new GameObject("Hero");
        public readonly Animator Animator;
        public readonly Transform[] Bones = new Transform[HumanBody.JointCount];

        /// <summary>Rotation and place of each bone in the T-pose, seen from the hero.</summary>
        public readonly Quaternion[] RestTurns = new Quaternion[HumanBody.JointCount];
        public readonly Vector3[] RestPlaces = new Vector3[HumanBody.JointCount];

        private readonly System.Random random = new System.Random(9);

        public StubAvatar(BodySkeleton body, float size)
        {
            Animator = Hero.AddComponent<Animator>();
            Transform armature = Child(Hero.transform, "Armature");
            armature.localRotation = Unity(Quat.Exp(new Vec3(-1.5707963f, 0f, 0f)));
            armature.localScale = Vector3.one * 0.01f;
            for (int joint = 0; joint < HumanBody.JointCount; joint++)
            {
                AddBone(joint, armature, body, size);
            }
            Animator.avatar = new Avatar { humanDescription = Describe(armature) };
            for (int joint = 0; joint < HumanBody.JointCount; joint++)
            {
                RestTurns[joint] = Bones[joint].rotation;
                RestPlaces[joint] = Bones[joint].position;
            }
            foreach (int arm in new[] { 16, 17 })
            {
                Bones[arm].localRotation *= Unity(Quat.Exp(new Vec3(0.2f, 0.3f, 0.7f)));
            }
            Bones[0].localPosition += new Vector3(3f, 4f, 5f);
        }

        /// <summary>How a bone has turned since the T-pose, seen from the hero.</summary>
        public Quaternion Turned(int joint)
        {
            return Quaternion.Inverse(Hero.transform.rotation) * Bones[joint].rotation
                * Quaternion.Inverse(RestTurns[joint]);
        }

        public static Quaternion Unity(Quat q)
        {
            return new Quaternion(q.X, q.Y, q.Z, q.W);
        }

        private void AddBone(int joint, Transform armature, BodySkeleton body, float size)
        {
            string name = HumanBody.BoneNames[joint];
            int parent = HumanBody.Parents[joint];
            Transform above = parent < 0 ? armature : Bones[parent];
            Vec3 offset = body.Offsets[joint] * size;
            Vector3 place = parent < 0 ? new Vector3(0f, 0.95f * size, 0.01f)
                : Bones[parent].position + new Vector3(offset.X, offset.Y, offset.Z);
            if (joint % 4 == 0)
            {
                above = Child(above, "Twist above " + name);
                above.localRotation = AnyTurn();
            }
            Bones[joint] = Child(above, "mixamorig:" + name);
            Bones[joint].position = place;
            Bones[joint].localRotation = AnyTurn();
            Animator.Bones[(HumanBodyBones)Enum.Parse(typeof(HumanBodyBones), name)] = Bones[joint];
        }

        private HumanDescription Describe(Transform armature)
        {
            var skeleton = new List<SkeletonBone>();
            var left = new Stack<Transform>();
            left.Push(armature);
            while (left.Count > 0)
            {
                Transform next = left.Pop();
                skeleton.Add(new SkeletonBone
                {
                    name = next.name, position = next.localPosition, rotation = next.localRotation,
                    scale = next.localScale,
                });
                foreach (Transform child in next.ChildrenOf())
                {
                    left.Push(child);
                }
            }
            return new HumanDescription { skeleton = skeleton.ToArray() };
        }

        private Quaternion AnyTurn()
        {
            return Unity(Quat.Exp(new Vec3(
                (float)random.NextDouble() * 3f, (float)random.NextDouble() * 3f,
                (float)random.NextDouble() * 3f)));
        }

        private static Transform Child(Transform parent, string name)
        {
            var made = new GameObject(name);
            made.transform.SetParent(parent, false);
            return made.transform;
        }
    }
}
