"""ECS: tokens, digests, and what a service was made with."""

import threading

from fixes import after, before
from wire import Answer

TARGET = "AmazonEC2ContainerServiceV20141113"


@before("ecs", "RunTask")
def client_token(world, call):
    """ministack ignores `clientToken`. On AWS the same token gives the first task, also when it has stopped, and
    the same token with other parameters is a conflict."""
    token = call.params.get("clientToken")
    if not token:
        return None
    asked = {name: value for name, value in call.params.items() if name != "clientToken"}
    with world.lock:
        entry = world.remember("tokens").setdefault(token, {"lock": threading.Lock()})
    with entry["lock"]:
        if "tasks" not in entry:
            answer = world.forward(call)
            if answer.good and answer.json().get("tasks"):
                entry.update(asked=asked, tasks=[task["taskArn"] for task in answer.json()["tasks"]])
            return answer
    if entry["asked"] != asked:
        answer = call.error(400, "ConflictException", "The RunTask request could not be processed due to conflicts: "
                            "the client token was used with other parameters.")
        answer.set_json(dict(answer.json(), resourceIds=entry["tasks"]))
        return answer
    params = {"cluster": call.params.get("cluster", "default"), "tasks": entry["tasks"]}
    described = world.ask(call, "ecs", "DescribeTasks", params, TARGET).json()
    return Answer.of_json({"tasks": described.get("tasks", []), "failures": []})


@after("ecs", "RunTask", "DescribeTasks")
def image_digest(world, call, answer):
    """ministack leaves `imageDigest` empty for tasks outside of services; the reference pins it."""
    told = answer.json()
    for task in told.get("tasks", []):
        for container in task.get("containers", []):
            if "@sha256:" in container.get("image", "") and not container.get("imageDigest"):
                container["imageDigest"] = container["image"].rpartition("@")[2]
    answer.set_json(told)


@after("ecs", "CreateService", "UpdateService", "DescribeServices")
def rebalancing(world, call, answer):
    """ministack forgets `availabilityZoneRebalancing`."""
    notes, told = world.remember("rebalancing"), answer.json()
    services = [told["service"]] if "service" in told else told.get("services", [])
    for service in services:
        if "availabilityZoneRebalancing" in call.params:
            notes[service["serviceArn"]] = call.params["availabilityZoneRebalancing"]
        service["availabilityZoneRebalancing"] = notes.get(service["serviceArn"], "DISABLED")
    answer.set_json(told)


@after("ecs", "DescribeServices")
def starting_is_not_running(world, call, answer):
    """ministack's tasks are RUNNING at once. Those that have not started yet, or failed at once, are pending."""
    told = answer.json()
    for service in told.get("services", []):
        for deployment in service.get("deployments", []):
            young = max(0, deployment["runningCount"] - world.engine.running(deployment["taskDefinition"]))
            for counted in (deployment, service):
                counted["runningCount"] -= young
                counted["pendingCount"] += young
    answer.set_json(told)
