"""EC2: what VPC endpoints and flow logs were made with."""

from fixes import after
from wire import nest, put


def _tags(call):
    specification = nest(call.params).get("TagSpecification") or [{}]
    return specification[0].get("Tag") or []


def _texts(root, path):
    return [element.text for element in root.findall(path)]


@after("ec2", "CreateFlowLogs")
def flow_log(world, call, answer):
    """ministack forgets half of the parameters, and the tags: it waits for the resource type `flow-log`."""
    for number in _texts(answer.xml(), ".//flowLogIdSet/item"):
        world.remember("flow logs")[number] = dict(call.params)
        params = {"ResourceId.1": number}
        for index, tag in enumerate(_tags(call), 1):
            params[f"Tag.{index}.Key"], params[f"Tag.{index}.Value"] = tag["Key"], tag.get("Value", "")
        if len(params) > 1:
            world.ask(call, "ec2", "CreateTags", params)


@after("ec2", "DescribeFlowLogs")
def flow_logs(world, call, answer):
    root = answer.xml()
    for item in root.findall(".//flowLogSet/item"):
        sent = world.remember("flow logs").get(item.findtext("flowLogId"))
        if not sent:
            continue
        put(item, "deliverLogsPermissionArn", sent.get("DeliverLogsPermissionArn", ""))
        put(item, "maxAggregationInterval", sent.get("MaxAggregationInterval", "600"))
        put(item, "deliverLogsStatus", "SUCCESS")
        put(item, "logFormat", sent.get("LogFormat") or (
            "${version} ${account-id} ${interface-id} ${srcaddr} ${dstaddr} ${srcport} ${dstport} "
            "${protocol} ${packets} ${bytes} ${start} ${end} ${action} ${log-status}"))
        group = sent.get("LogGroupName") or sent.get("LogDestination", "").rpartition(":log-group:")[2]
        put(item, "logGroupName", group.removesuffix(":*"))
    answer.set_xml(root)


@after("ec2", "CreateVpcEndpoint")
def endpoint(world, call, answer):
    root = answer.xml()
    element = root.find(".//vpcEndpoint")
    sent = nest(call.params)
    world.remember("endpoints")[element.findtext("vpcEndpointId")] = sent
    _complete(element, sent)
    answer.set_xml(root)


@after("ec2", "ModifyVpcEndpoint")
def change_endpoint(world, call, answer):
    sent = world.remember("endpoints").get(call.params.get("VpcEndpointId"))
    if not sent:
        return
    asked = nest(call.params)
    for name in ("PrivateDnsEnabled", "PolicyDocument"):
        if name in asked:
            sent[name] = asked[name]
    groups = [g for g in sent.get("SecurityGroupId", []) if g not in asked.get("RemoveSecurityGroupId", [])]
    sent["SecurityGroupId"] = groups + asked.get("AddSecurityGroupId", [])


@after("ec2", "DescribeVpcEndpoints")
def endpoints(world, call, answer):
    """ministack forgets the security groups, private DNS and the policy of endpoints."""
    root = answer.xml()
    for item in root.findall(".//vpcEndpointSet/item"):
        sent = world.remember("endpoints").get(item.findtext("vpcEndpointId"))
        if sent:
            _complete(item, sent)
    answer.set_xml(root)


def _complete(element, sent):
    put(element, "privateDnsEnabled", sent.get("PrivateDnsEnabled", "false"))
    put(element, "groupSet", [{"groupId": group} for group in sent.get("SecurityGroupId", [])], "item")
    everything = '{"Version":"2008-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}]}'
    put(element, "policyDocument", sent.get("PolicyDocument", everything))
    put(element, "ipAddressType", sent.get("IpAddressType", "ipv4"))
    put(element, "requesterManaged", "false")
