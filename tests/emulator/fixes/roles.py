"""IAM: service-linked roles."""

from fixes import before
from wire import Answer

NAMES = {
    "ecs.amazonaws.com": "ECS",
    "elasticloadbalancing.amazonaws.com": "ElasticLoadBalancing",
    "rds.amazonaws.com": "RDS",
    "ecs.application-autoscaling.amazonaws.com": "ApplicationAutoScaling_ECSService",
}


@before("iam", "CreateServiceLinkedRole")
def make(world, call):
    """ministack names some of these roles wrongly and has others from the start; a fresh AWS account has none.
    The first request succeeds, the next one is refused in the words of IAM."""
    made, service = world.remember("service-linked roles"), call.params.get("AWSServiceName", "")
    name = "AWSServiceRoleFor" + NAMES.get(service, service.split(".")[0].title())
    path = f"/aws-service-role/{service}/"
    role = {"Path": path, "RoleName": name, "RoleId": "AROAEMULATOR", "CreateDate": "2026-01-01T00:00:00Z",
            "Arn": f"arn:aws:iam::{call.account}:role{path}{name}", "AssumeRolePolicyDocument": "%7B%7D"}
    with world.lock:
        if name in made:
            return call.error(400, "InvalidInput", f"Service role name {name} has been taken in this account, "
                              "please try a different suffix.")
        made[name] = role
    return Answer.of_query("CreateServiceLinkedRole", {"Role": role})


@before("iam", "GetRole")
def read(world, call):
    role = world.remember("service-linked roles").get(call.params.get("RoleName"))
    return role and Answer.of_query("GetRole", {"Role": role})
