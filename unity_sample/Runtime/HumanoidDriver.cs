using System;
using System.Collections.Generic;
using FloodBridge.Core;
using UnityEngine;

namespace FloodBridge
{
    /// <summary>
    /// Puts poses onto the bones of a Humanoid. Its T-pose is the one stored in the Avatar, so that it does not
    /// matter in which pose the model stands in the scene.
    /// </summary>
    internal sealed class HumanoidDriver
    {
        private readonly Animator animator;
        private readonly Transform[] bones = new Transform[HumanBody.JointCount];
        private readonly Quaternion[] bound = new Quaternion[HumanBody.JointCount];
        private readonly Dictionary<string, SkeletonBone> tPose =
            new Dictionary<string, SkeletonBone>();

        private readonly HumanoidRig rig;
        private Vector3 boundHips;

        public HumanoidDriver(Animator animator)
        {
            this.animator = animator;
            if (animator.avatar == null || !animator.isHuman)
            {
                Problem = "the Animator of " + animator.name + " has no Humanoid avatar: set the rig of the "
                    + "model to Humanoid in its import settings";
                return;
            }
            ReadTPose(animator.avatar.humanDescription.skeleton);
            rig = new HumanoidRig(ReadBones());
            Problem = rig.Problem == null ? null
                : animator.name + " cannot be moved: " + rig.Problem;
        }

        /// <summary>Why nothing moves, or null.</summary>
        public string Problem { get; private set; }

        public Animator Animator
        {
            get { return animator; }
        }

        /// <summary>Metres of the scene per metre of the source.</summary>
        public float Scale(BodySkeleton source)
        {
            return rig.Scale(source) * animator.transform.lossyScale.y;
        }

        /// <summary>Show the pose; what an AnimatorController plays shines through a weight below 1.</summary>
        public void Show(BodyPose pose, BodySkeleton source, RootMode mode, float weight)
        {
            rig.Take(pose, source, mode);
            bool isAnimated = animator.runtimeAnimatorController != null;
            Transform hips = bones[HumanBody.Pelvis];
            Vector3 place = animator.transform.TransformPoint(rig.HipsPosition.ToUnity());
            Vector3 from = isAnimated ? hips.position : animator.transform.TransformPoint(boundHips);
            hips.position = weight >= 1f ? place : Vector3.Lerp(from, place, weight);
            for (int joint = 0; joint < HumanBody.JointCount; joint++)
            {
                Transform bone = bones[joint];
                if (bone == null)
                {
                    continue;
                }
                Quaternion turn = rig.LocalRotation(joint).ToUnity();
                Quaternion under = isAnimated ? bone.localRotation : bound[joint];
                bone.localRotation = weight >= 1f ? turn : Quaternion.Slerp(under, turn, weight);
            }
        }

        private void ReadTPose(SkeletonBone[] skeleton)
        {
            foreach (SkeletonBone bone in skeleton)
            {
                if (!tPose.ContainsKey(bone.name))
                {
                    tPose.Add(bone.name, bone);
                }
            }
        }

        private RestBone[] ReadBones()
        {
            var rest = new RestBone[HumanBody.JointCount];
            for (int joint = 0; joint < HumanBody.JointCount; joint++)
            {
                Transform bone = animator.GetBoneTransform(
                    (HumanBodyBones)Enum.Parse(typeof(HumanBodyBones), HumanBody.BoneNames[joint]));
                if (bone == null)
                {
                    continue;
                }
                bones[joint] = bone;
                bound[joint] = bone.localRotation;
                RestPose pose = Rest(bone);
                rest[joint] = new RestBone
                {
                    IsPresent = true,
                    Position = pose.Position,
                    Rotation = pose.Rotation,
                    ParentRotation = Rest(bone.parent).Rotation,
                };
            }
            if (bones[HumanBody.Pelvis] != null)
            {
                boundHips = animator.transform.InverseTransformPoint(bones[HumanBody.Pelvis].position);
            }
            return rest;
        }

        /// <summary>A transform in the T-pose, seen from the Animator's.</summary>
        private RestPose Rest(Transform transform)
        {
            if (transform == animator.transform || transform == null)
            {
                return RestPose.Origin;
            }
            RestPose above = Rest(transform.parent);
            SkeletonBone bone;
            return tPose.TryGetValue(transform.name, out bone)
                ? above.Below(bone.position.ToCore(), bone.rotation.ToCore(), bone.scale.ToCore())
                : above.Below(
                    transform.localPosition.ToCore(), transform.localRotation.ToCore(),
                    transform.localScale.ToCore());
        }
    }
}
