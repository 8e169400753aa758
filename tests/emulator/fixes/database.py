"""RDS: a real PostgreSQL behind every instance, and what it was made with."""

import json
import secrets
import uuid

from fixes import after
from wire import nest, put

SECRETS = "secretsmanager"


@after("rds", "CreateDBInstance")
def create(world, call, answer):
    """Starts the server, and makes the secret of a managed master password, which ministack does not."""
    sent, name = nest(call.params), call.params["DBInstanceIdentifier"]
    password = sent.get("MasterUserPassword") or secrets.token_urlsafe(24)
    note = {"sent": sent, "logs": sent.get("EnableCloudwatchLogsExports", [])}
    if sent.get("ManageMasterUserPassword") == "true":
        note["secret"] = _master_secret(world, call, sent, password)
    server = world.databases.start(name, sent.get("EngineVersion", ""), sent["MasterUsername"], password,
                                   sent.get("DBName", ""))
    note["endpoint"] = {"Address": server.address, "Port": server.port, "HostedZoneId": "Z1RLNUO7B9Q6NB"}
    world.remember("databases")[name] = note
    _complete(world, answer)


def _master_secret(world, call, sent, password):
    params = {"Name": f"rds!db-{uuid.uuid4()}", "KmsKeyId": sent.get("MasterUserSecretKmsKeyId"),
              "SecretString": json.dumps({"username": sent["MasterUsername"], "password": password}),
              "ClientRequestToken": str(uuid.uuid4()),
              "Tags": [{"Key": "aws:secretsmanager:owningService", "Value": "rds"}]}
    made = world.ask(call, SECRETS, "CreateSecret", params, SECRETS).json()
    return {"SecretArn": made["ARN"], "SecretStatus": "active", "KmsKeyId": params["KmsKeyId"]}


@after("rds", "ModifyDBInstance")
def change(world, call, answer):
    note, asked = world.remember("databases").get(call.params["DBInstanceIdentifier"]), nest(call.params)
    if note:
        note["sent"].update(asked)
        logs = asked.get("CloudwatchLogsExportConfiguration", {})
        kept = [log for log in note["logs"] if log not in logs.get("DisableLogTypes", [])]
        note["logs"] = sorted({*kept, *logs.get("EnableLogTypes", [])})
    _complete(world, answer)


@after("rds", "DeleteDBInstance")
def delete(world, call, answer):
    _complete(world, answer)
    name = call.params["DBInstanceIdentifier"]
    note = world.remember("databases").pop(name, {})
    world.databases.stop(name)
    if "secret" in note:
        params = {"SecretId": note["secret"]["SecretArn"], "ForceDeleteWithoutRecovery": True}
        world.ask(call, SECRETS, "DeleteSecret", params, SECRETS)


@after("rds", "DescribeDBInstances")
def describe(world, call, answer):
    """ministack forgets the exported logs, Performance Insights, the life cycle and the certificate authority."""
    _complete(world, answer)


def _complete(world, answer):
    root = answer.xml()
    for instance in root.iter("DBInstance"):
        note = world.remember("databases").get(instance.findtext("DBInstanceIdentifier"))
        if not note:
            continue
        sent = note["sent"]
        put(instance, "Endpoint", note["endpoint"])
        restored = world.control.restored.get(instance.findtext("DBInstanceIdentifier"))
        if restored:  # a restored instance is another one under the same name
            put(instance, "DbiResourceId", restored)
        put(instance, "EnabledCloudwatchLogsExports", note["logs"])
        put(instance, "EngineLifecycleSupport", sent.get("EngineLifecycleSupport", "open-source-rds-extended-support"))
        put(instance, "CACertificateIdentifier", sent.get("CACertificateIdentifier", "rds-ca-rsa2048-g1"))
        put(instance, "DatabaseInsightsMode", sent.get("DatabaseInsightsMode", "standard"))
        if sent.get("EnablePerformanceInsights") == "true":
            put(instance, "PerformanceInsightsEnabled", "true")
            put(instance, "PerformanceInsightsKMSKeyId", sent.get("PerformanceInsightsKMSKeyId", ""))
            put(instance, "PerformanceInsightsRetentionPeriod", sent.get("PerformanceInsightsRetentionPeriod", "7"))
        if "secret" in note:
            put(instance, "MasterUserSecret", note["secret"])
    answer.set_xml(root)
