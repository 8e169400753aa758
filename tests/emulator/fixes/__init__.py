"""What ministack 1.5.33 does not do as AWS does, mended one function at a time.

A `before` fix may answer a call itself; an `after` fix changes ministack's answer. Each says why it is
there; when ministack learns it, the fix goes."""

_before, _after = {}, {}


def before(service, *operations):
    return _register(_before, service, operations)


def after(service, *operations):
    return _register(_after, service, operations)


def _register(table, service, operations):
    def keep(function):
        for operation in operations or ("*",):
            table.setdefault((service, operation), []).append(function)
        return function

    return keep


def apply(world, call):
    """The answer to a call, with every fix that is meant for it."""
    answer = None
    for fix in _before.get((call.service, "*"), []) + _before.get((call.service, call.operation), []):
        answer = answer or fix(world, call)
    answer = answer or world.forward(call)
    if answer.good:
        for fix in _after.get((call.service, call.operation), []):
            answer = fix(world, call, answer) or answer
    return answer


from fixes import (  # noqa: E402  (each registers itself)
    database, monitoring, network, roles, scaling, secrets, storage, tagging, tasks, targets,
)
