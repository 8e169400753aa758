"""Load balancing: target groups, and the health of targets, asked for real."""

import http.client

from fixes import after
from wire import put


@after("elasticloadbalancing", "CreateTargetGroup")
def keep(world, call, answer):
    root = answer.xml()
    for member in root.findall(".//TargetGroups/member"):
        world.remember("target groups")[member.findtext("TargetGroupArn")] = dict(call.params)
    _complete(world, root)
    answer.set_xml(root)


@after("elasticloadbalancing", "DescribeTargetGroups", "ModifyTargetGroup")
def complete(world, call, answer):
    """ministack forgets the protocol's version and the type of addresses."""
    root = answer.xml()
    _complete(world, root)
    answer.set_xml(root)


def _complete(world, root):
    for member in root.findall(".//TargetGroups/member"):
        sent = world.remember("target groups").get(member.findtext("TargetGroupArn"), {})
        put(member, "ProtocolVersion", sent.get("ProtocolVersion", "HTTP1"))
        put(member, "IpAddressType", sent.get("IpAddressType", "ipv4"))


@after("elasticloadbalancing", "DescribeTargetHealth")
def health(world, call, answer):
    """ministack calls every target healthy. Here each is asked as the load balancer would: an HTTP request to the
    task's own address, judged by its status; once, without thresholds and intervals."""
    root = answer.xml()
    check = _check(world, call, call.params["TargetGroupArn"])
    for member in root.findall(".//TargetHealthDescriptions/member"):
        port = int(member.findtext("Target/Port"))
        put(member, "TargetHealth", _ask(check, member.findtext("Target/Id"), port))
        put(member, "HealthCheckPort", port)
    answer.set_xml(root)


def _check(world, call, group):
    params = {"TargetGroupArns.member.1": group, "Version": "2015-12-01"}
    answer = world.ask(call, "elasticloadbalancing", "DescribeTargetGroups", params)
    member = answer.xml().find(".//TargetGroups/member")
    codes = member.findtext("Matcher/HttpCode", "200")
    ranges = [(part.split("-")[0], part.split("-")[-1]) for part in codes.split(",")]
    return {"path": member.findtext("HealthCheckPath", "/"), "codes": [(int(a), int(b)) for a, b in ranges]}


def _ask(check, host, port):
    connection = http.client.HTTPConnection(host, port, timeout=3)
    try:
        connection.request("GET", check["path"])
        status = connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return {"State": "unhealthy", "Reason": "Target.FailedHealthChecks", "Description": "Health checks failed"}
    finally:
        connection.close()
    if any(low <= status <= high for low, high in check["codes"]):
        return {"State": "healthy"}
    return {"State": "unhealthy", "Reason": "Target.ResponseCodeMismatch",
            "Description": f"Health checks failed with these codes: [{status}]"}
