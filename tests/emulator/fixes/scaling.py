"""Application Auto Scaling, which ministack does not have: targets and policies in memory. A target moves the
service into its range once, when it is made or changed; nothing is ever measured."""

import uuid

from fixes import before
from wire import Answer

SERVICE = "application-autoscaling"
ECS = "AmazonEC2ContainerServiceV20141113"


def _key(params):
    return params["ServiceNamespace"], params["ResourceId"], params["ScalableDimension"]


def _missing(call, what):
    return call.error(400, "ObjectNotFoundException", f"No {what} found for {call.params.get('ResourceId')}.")


@before(SERVICE)
def answer(world, call):
    targets, policies = world.remember("scalable targets"), world.remember("scaling policies")
    operations = {
        "RegisterScalableTarget": _register, "DescribeScalableTargets": _targets,
        "DeregisterScalableTarget": _deregister, "PutScalingPolicy": _put_policy,
        "DescribeScalingPolicies": _policies, "DeleteScalingPolicy": _delete_policy,
        "DescribeScheduledActions": lambda *_: {"ScheduledActions": []},
        "ListTagsForResource": _tags, "TagResource": _tag, "UntagResource": _untag,
    }
    with world.lock:
        told = operations[call.operation](world, call, targets, policies)
    return told if isinstance(told, Answer) else Answer.of_json(told)


def _register(world, call, targets, _):
    params = call.params
    target = targets.setdefault(_key(params), {
        "ServiceNamespace": params["ServiceNamespace"], "ResourceId": params["ResourceId"],
        "ScalableDimension": params["ScalableDimension"], "CreationTime": 1767225600.0,
        "ScalableTargetARN": call.arn(SERVICE, f"scalable-target/{uuid.uuid4().hex}"),
        "RoleARN": f"arn:aws:iam::{call.account}:role/aws-service-role/ecs.application-autoscaling.amazonaws.com/"
                   "AWSServiceRoleForApplicationAutoScaling_ECSService",
        "SuspendedState": {"DynamicScalingInSuspended": False, "DynamicScalingOutSuspended": False,
                           "ScheduledScalingSuspended": False},
    })
    target.update({name: params[name] for name in ("MinCapacity", "MaxCapacity", "SuspendedState") if name in params})
    if params.get("Tags"):
        world.remember("scaling tags").setdefault(target["ScalableTargetARN"], dict(params["Tags"]))
    _into_range(world, call, target)
    return {"ScalableTargetARN": target["ScalableTargetARN"]}


def _into_range(world, call, target):
    _, cluster, service = target["ResourceId"].split("/")
    params = {"cluster": cluster, "services": [service]}
    for found in world.ask(call, "ecs", "DescribeServices", params, ECS).json().get("services", []):
        wanted = min(max(found["desiredCount"], target["MinCapacity"]), target["MaxCapacity"])
        if wanted != found["desiredCount"] and found["status"] == "ACTIVE":
            params = {"cluster": cluster, "service": service, "desiredCount": wanted}
            world.ask(call, "ecs", "UpdateService", params, ECS)


def _targets(world, call, targets, _):
    wanted = call.params.get("ResourceIds")
    found = [t for t in targets.values() if not wanted or t["ResourceId"] in wanted]
    dimension = call.params.get("ScalableDimension")
    return {"ScalableTargets": [t for t in found if dimension in (None, t["ScalableDimension"])]}


def _deregister(world, call, targets, policies):
    key = _key(call.params)
    if key not in targets:
        return _missing(call, "scalable target")
    world.remember("scaling tags").pop(targets.pop(key)["ScalableTargetARN"], None)
    for name in [name for name in policies if name[:3] == key]:
        del policies[name]
    return {}


def _put_policy(world, call, targets, policies):
    key = _key(call.params)
    if key not in targets:
        return _missing(call, "scalable target")
    name = (*key, call.params["PolicyName"])
    resource = f"scalingPolicy:{uuid.uuid4()}:resource/ecs/{key[1]}:policyName/{name[3]}"
    arn = policies[name]["PolicyARN"] if name in policies else call.arn("autoscaling", resource)
    policies[name] = dict(call.params, PolicyARN=arn, CreationTime=1767225600.0, Alarms=[])
    return {"PolicyARN": arn, "Alarms": []}


def _policies(world, call, _, policies):
    names, resource = call.params.get("PolicyNames"), call.params.get("ResourceId")
    found = [p for p in policies.values() if not names or p["PolicyName"] in names]
    return {"ScalingPolicies": [p for p in found if resource in (None, p["ResourceId"])]}


def _delete_policy(world, call, _, policies):
    if not policies.pop((*_key(call.params), call.params["PolicyName"]), None):
        return _missing(call, "scaling policy")
    return {}


def _tags(world, call, *_):
    return {"Tags": world.remember("scaling tags").get(call.params["ResourceARN"], {})}


def _tag(world, call, *_):
    world.remember("scaling tags").setdefault(call.params["ResourceARN"], {}).update(call.params["Tags"])
    return {}


def _untag(world, call, *_):
    for key in call.params["TagKeys"]:
        world.remember("scaling tags").get(call.params["ResourceARN"], {}).pop(key, None)
    return {}
