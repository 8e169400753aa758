"""CloudWatch: what an alarm was made with."""

from fixes import after
from wire import fill, nest

PARTS = ("AlarmDescription", "OKActions", "AlarmActions", "InsufficientDataActions", "MetricName", "Namespace",
         "Statistic", "ExtendedStatistic", "Dimensions", "Period", "Unit", "EvaluationPeriods", "DatapointsToAlarm",
         "Threshold", "ComparisonOperator", "TreatMissingData", "EvaluateLowSampleCountPercentile", "Metrics",
         "ThresholdMetricId")


@after("monitoring", "PutMetricAlarm")
def keep(world, call, answer):
    world.remember("alarms")[call.params["AlarmName"]] = nest(call.params)


@after("monitoring", "DescribeAlarms")
def complete(world, call, answer):
    """ministack reads back a few of the parameters only, and invents a statistic."""
    root = answer.xml()
    for member in root.findall(".//MetricAlarms/member"):
        sent = world.remember("alarms").get(member.findtext("AlarmName"))
        if not sent:
            continue
        kept = {name: member.findtext(name, "") for name in ("AlarmName", "AlarmArn", "StateReason")}
        told = dict(kept, StateValue="OK", ActionsEnabled=sent.get("ActionsEnabled", "true"))
        told.update({name: sent[name] for name in PARTS if sent.get(name)})
        told.setdefault("TreatMissingData", "missing")
        member.clear()
        fill(member, told)
    answer.set_xml(root)
