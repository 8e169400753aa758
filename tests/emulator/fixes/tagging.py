"""Resource Groups Tagging API: resources that ministack does not list by tag."""

import re

from fixes import after, before

# How the services tell the tags of one ARN: operation, parameter, JSON target (None: a form).
LISTS = {
    "logs": ("ListTagsForResource", "resourceArn", "Logs_20140328"),
    "secretsmanager": ("DescribeSecret", "SecretId", "secretsmanager"),
    "rds": ("ListTagsForResource", "ResourceName", None),
    "elasticloadbalancing": ("DescribeTags", "ResourceArns.member.1", None),
    "cloudwatch": ("ListTagsForResource", "ResourceARN", None),
}
SIGNING_NAMES = {"cloudwatch": "monitoring"}


@before("logs", "CreateLogGroup")
@before("monitoring", "PutMetricAlarm")
def names(world, call):
    """Answers that do not hold the ARN."""
    seen = world.remember("tagged")
    if call.service == "logs":
        seen[call.arn("logs", f"log-group:{call.params['logGroupName']}")] = True
    else:
        seen[call.arn("cloudwatch", f"alarm:{call.params['AlarmName']}")] = True


@after("secretsmanager", "CreateSecret")
@after("rds", "CreateDBInstance", "CreateDBSubnetGroup", "CreateDBParameterGroup")
@after("elasticloadbalancing", "CreateLoadBalancer", "CreateTargetGroup", "CreateListener", "CreateRule")
def arns(world, call, answer):
    kind = {"CreateDBInstance": ":db:", "CreateDBSubnetGroup": ":subgrp:", "CreateDBParameterGroup": ":pg:",
            "CreateLoadBalancer": ":loadbalancer/", "CreateTargetGroup": ":targetgroup/",
            "CreateListener": ":listener/", "CreateRule": ":listener-rule/", "CreateSecret": ":secret:"}
    for arn in re.findall(r"arn:aws:[^<>\"\s]+", answer.body.decode()):
        if kind[call.operation] in arn:
            world.remember("tagged")[arn] = True


@after("ec2", "DeleteVpc", "DeleteSubnet", "DeleteRouteTable", "DeleteSecurityGroup", "DeleteInternetGateway",
       "DeleteNatGateway", "ReleaseAddress")
def gone(world, call, answer):
    """ministack keeps the tags of what was deleted."""
    for name, value in call.params.items():
        if name.endswith("Id"):
            world.remember("gone")[value] = True


@before("ec2", "DeleteVpc")
def default_group(world, call):
    """A VPC takes its default security group with it."""
    params = {"Filter.1.Name": "vpc-id", "Filter.1.Value.1": call.params["VpcId"], "Version": "2016-11-15"}
    groups = world.ask(call, "ec2", "DescribeSecurityGroups", params).xml().findall(".//securityGroupInfo/item/groupId")
    world.remember("gone").update({group.text: True for group in groups})


@after("ecs", "CreateService", "DeleteService")
def service_gone(world, call, answer):
    world.remember("gone")[answer.json()["service"]["serviceArn"]] = call.operation == "DeleteService"


@after("tagging", "GetResources")
def resources(world, call, answer):
    """ministack lists S3, SNS, KMS, ECS and schedules. Added: everything of EC2, and what the calls above made."""
    told = answer.json()
    found = {entry["ResourceARN"]: entry["Tags"] for entry in told["ResourceTagMappingList"]}
    for arn, tags in list(_ec2(world, call).items()) + list(_seen(world, call).items()):
        if tags and _wanted(call, arn, tags):
            found[arn] = [{"Key": key, "Value": value} for key, value in tags.items()]
    gone = world.remember("gone")
    told["ResourceTagMappingList"] = [{"ResourceARN": arn, "Tags": tags} for arn, tags in sorted(found.items())
                                      if not gone.get(arn) and not gone.get(arn.rpartition("/")[2])]
    answer.set_json(told)


def _ec2(world, call):
    found = {}
    for item in world.ask(call, "ec2", "DescribeTags", {"Version": "2016-11-15"}).xml().findall(".//tagSet/item"):
        kind = {"flow-log": "vpc-flow-log"}.get(item.findtext("resourceType"), item.findtext("resourceType"))
        arn = call.arn("ec2", f"{kind}/{item.findtext('resourceId')}")
        found.setdefault(arn, {})[item.findtext("key")] = item.findtext("value") or ""
    return found


def _seen(world, call):
    found = {target["ScalableTargetARN"]: world.remember("scaling tags").get(target["ScalableTargetARN"])
             for target in world.remember("scalable targets").values()}
    for arn in list(world.remember("tagged")):
        service = arn.split(":")[2]
        operation, parameter, target = LISTS[service]
        answer = world.ask(call, SIGNING_NAMES.get(service, service), operation, {parameter: arn}, target)
        found[arn] = _tags(answer) if answer.good else None
    return found


def _tags(answer):
    if answer.body.lstrip().startswith(b"{"):
        told = answer.json()
        if told.get("DeletedDate"):
            return None
        tags = told.get("tags", told.get("Tags", {}))
        return tags if isinstance(tags, dict) else {tag["Key"]: tag["Value"] for tag in tags}
    elements = [e for e in answer.xml().iter() if e.find("Key") is not None]
    return {e.findtext("Key"): e.findtext("Value") or "" for e in elements}


def _wanted(call, arn, tags):
    _, _, service, _, _, resource = arn.split(":", 5)
    kinds = call.params.get("ResourceTypeFilters") or []
    kind = re.split("[/:]", resource)[0]
    if kinds and service not in kinds and f"{service}:{kind}" not in kinds:
        return False
    if call.params.get("ResourceARNList") and arn not in call.params["ResourceARNList"]:
        return False
    return all(f["Key"] in tags and (not f.get("Values") or tags[f["Key"]] in f["Values"])
               for f in call.params.get("TagFilters") or [])
