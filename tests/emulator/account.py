"""Runs ministack, the account itself, with the changes that cannot be made from outside: all of them about when a
service's deployment is over."""

import http.client
import time

from ministack import app
from ministack.services import alb, ecs, rds

# How long a task may fail the load balancer's check; a service's own grace period counts when it is shorter.
GRACE = 10

# It would start databases through Docker, too; here a fix does, with a server that looks like RDS.
rds._get_docker = lambda: None

# It calls a task stable after one second, in which a task that fails at once would count as a healthy one.
ecs._ECS_DEPLOYMENT_STEADY_DELAY = 3.0

make_deployment, count_as_healthy = ecs._make_deployment, ecs._record_service_task_healthy


def unfinished_deployment(*arguments, **options):
    """It calls the first deployment of a service complete before a task runs, so that no failure of it counts."""
    deployment = make_deployment(*arguments, **options)
    reason = f"ECS deployment {deployment['id']} in progress."
    return dict(deployment, rolloutState="IN_PROGRESS", rolloutStateReason=reason)


def once_healthy(service_key, task):
    """It ends a deployment when tasks run. ECS waits for the load balancer's check, and replaces a task that fails it
    after the grace period. Called in a thread of its own, for every task that lives as long as the delay above."""
    service = ecs._services.get(service_key) or {}
    groups = [balancer["targetGroupArn"] for balancer in service.get("loadBalancers") or []]
    end = time.monotonic() + min(GRACE, service.get("healthCheckGracePeriodSeconds") or 0)
    while task.get("lastStatus") == "RUNNING":
        failed = [group for group in groups if not passes(group, task, service)]
        if not failed:
            return count_as_healthy(service_key, task)
        if time.monotonic() > end:
            reason = f"Task failed ELB health checks in (target-group {failed[0]})"
            ecs._mark_task_stopped(task["taskArn"], task, reason, "ServiceSchedulerInitiated")
            ecs._record_service_task_failure(task)
            return ecs._cleanup_task_resources(task, ecs._get_docker())
        time.sleep(0.3)
    return None


def passes(group, task, service):
    port = next(b["containerPort"] for b in service["loadBalancers"] if b["targetGroupArn"] == group)
    connection = http.client.HTTPConnection(ecs._task_ip(task), port, timeout=3)
    try:
        connection.request("GET", alb._tgs[group]["HealthCheckPath"])
        return connection.getresponse().status < 300
    except (OSError, KeyError, http.client.HTTPException):
        return False
    finally:
        connection.close()


ecs._make_deployment, ecs._record_service_task_healthy = unfinished_deployment, once_healthy
app.main()
