"""Secrets Manager: a secret without a value has no version."""

from fixes import after


def _phantoms(world):
    return world.remember("versions that AWS would not have made")


@after("secretsmanager", "CreateSecret")
def without_a_value(world, call, answer):
    """ministack makes a version for a secret that was created without a value."""
    if "SecretString" in call.params or "SecretBinary" in call.params:
        return
    made = answer.json()
    _phantoms(world)[made.pop("VersionId")] = made["ARN"]
    answer.set_json(made)


@after("secretsmanager", "DescribeSecret", "ListSecretVersionIds")
def hide_the_version(world, call, answer):
    phantoms, told = _phantoms(world), answer.json()
    stages = told.get("VersionIdsToStages")
    if stages is not None:
        kept = {version: names for version, names in stages.items() if version not in phantoms}
        told["VersionIdsToStages"] = kept
        if not kept:
            del told["VersionIdsToStages"]
    if "Versions" in told:
        told["Versions"] = [v for v in told["Versions"] if v["VersionId"] not in phantoms]
    answer.set_json(told)


@after("secretsmanager", "GetSecretValue", "BatchGetSecretValue")
def no_value_yet(world, call, answer):
    if answer.json().get("VersionId") in _phantoms(world):
        return call.error(400, "ResourceNotFoundException", "Secrets Manager can't find the specified secret "
                          "value for staging label: AWSCURRENT")
    return None
