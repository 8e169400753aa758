"""Google's Secret Manager for Landfall's tests, on loopback: drongo's, and what drongo 0.8.0 does not do as Google does,
mended one function at a time. When drongo learns it, the function goes.

    python secret_manager.py

Prints one line of JSON when it is ready: `endpoint`. Ends when its standard input closes. Values are kept in memory.

Neither drongo nor this has: permissions (nobody asks who calls), keys, checksums, expiry, rotation, regional secrets, and
names by the number of the project."""

import dataclasses
import json
import sys
import threading
import uuid

sys.dont_write_bytecode = True  # nothing is left in the repository

import drongo.services  # noqa: E402, F401  (each service registers itself)
from drongo.core import exceptions, registry  # noqa: E402
from drongo.core.responses import json_response  # noqa: E402
from drongo.server import create_server  # noqa: E402
from drongo.services.secretmanager import SecretManagerResponse, urls  # noqa: E402

ALIASES = 50  # of one secret at most


class SecretManager(SecretManagerResponse):
    """drongo's handlers, some of them mended. Schemas are those of `secretmanager.v1`."""

    def _secret(self, request):
        secret = self.backend_for(request).get_secret(request.path_params["secret"])
        if not hasattr(secret, "etag"):
            secret.aliases, secret.etag = {}, new_etag()
        return secret

    def get_secret(self, request):
        """`versionAliases`, and an etag that only a change of the secret itself changes: drongo's counts versions."""
        secret = self._secret(request)
        resource = dict(secret.to_resource(), etag=secret.etag)
        if secret.aliases:
            resource["versionAliases"] = {alias: str(version) for alias, version in secret.aliases.items()}
        return json_response(resource)

    def update_secret(self, request):
        """Only what `updateMask` names, and only if the etag that was sent is the current one
        (https://cloud.google.com/secret-manager/docs/etags). drongo looks at neither, and drops aliases."""
        secret, sent = self._secret(request), request.json()
        if not request.param("updateMask"):
            raise exceptions.bad_request("The update mask is empty.")
        if sent.get("etag", secret.etag) != secret.etag:
            raise exceptions.DrongoHttpError(400, "The etag provided does not match the current one.",
                                             status="FAILED_PRECONDITION")
        fields = request.param("updateMask").replace("version_aliases", "versionAliases").split(",")
        if "versionAliases" in fields:
            aliases = {alias: int(version) for alias, version in sent.get("versionAliases", {}).items()}
            if len(aliases) > ALIASES or any(not 0 < it <= len(secret.versions) for it in aliases.values()):
                raise exceptions.bad_request("An alias is of a version that exists, and there are 50 at most.")
            secret.aliases = aliases
        if "labels" in fields:
            secret.labels = dict(sent.get("labels", {}))
        secret.etag = new_etag()
        return self.get_secret(request)

    def list_versions(self, request):
        """Newest first, filtered by state, in pages: drongo lists all of them, oldest first."""
        wanted = (request.param("filter") or "").removeprefix("state:")
        versions = [it for it in reversed(self._secret(request).versions) if wanted in ("", it.state)]
        start, size = int(request.param("pageToken") or 0), int(request.param("pageSize") or 25000)
        page = {"versions": [it.to_resource() for it in versions[start:start + size]], "totalSize": len(versions)}
        if start + size < len(versions):
            page["nextPageToken"] = str(start + size)
        return json_response(page)

    def access_version(self, request):
        """By an alias too: drongo knows numbers and `latest`."""
        version = request.path_params["version"]
        request.path_params["version"] = str(self._secret(request).aliases.get(version, version))
        return super().access_version(request)


def new_etag():
    return f'"{uuid.uuid4().hex[:14]}"'  # with its quotes


def main():
    # drongo's table names its own functions; the same names lead to the mended ones.
    paths = {path: getattr(SecretManager, handler.__name__) for path, handler in urls.url_paths.items()}
    own = next(it for it in registry.iter_services() if it.name == "secretmanager")
    registry.register_service(dataclasses.replace(own, response=SecretManager(urls.url_bases, paths)))
    serving = create_server("127.0.0.1", 0)
    threading.Thread(target=serving.serve_forever, daemon=True).start()
    print(json.dumps({"endpoint": f"http://127.0.0.1:{serving.server_address[1]}"}), flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    main()
