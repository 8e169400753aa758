"""The protocols of AWS as the front sees them: which service and operation a request is, what its
parameters are, and how that service words an error. Nothing here knows what a fix is for."""

import json
import re
import urllib.parse
import uuid
import xml.etree.ElementTree as ET

# Services whose requests are forms (`Action=...`); EC2 words its errors differently from the rest.
XML = {"Content-Type": "text/xml"}
SUBRESOURCES = {
    "versioning": "BucketVersioning", "encryption": "BucketEncryption", "policy": "BucketPolicy",
    "publicAccessBlock": "PublicAccessBlock", "lifecycle": "BucketLifecycleConfiguration",
    "ownershipControls": "BucketOwnershipControls", "tagging": "BucketTagging",
    "logging": "BucketLogging", "acl": "BucketAcl", "location": "BucketLocation",
    "cors": "BucketCors", "website": "BucketWebsite", "accelerate": "BucketAccelerateConfiguration",
    "requestPayment": "BucketRequestPayment", "replication": "BucketReplication",
    "object-lock": "ObjectLockConfiguration", "notification": "BucketNotificationConfiguration",
}
VERBS = {"GET": "Get", "PUT": "Put", "DELETE": "Delete", "HEAD": "Head", "POST": "Post"}


class Call:
    """One request: `params` is the JSON body, or the flat form of a query."""

    def __init__(self, method, path, headers, body, account):
        self.method, self.path, self.headers, self.body = method, path, headers, body
        self.account = account
        scope = re.search(r"Credential=[^/]+/\d+/([^/]+)/([^/]+)/", headers.get("Authorization", ""))
        self.region, self.service = scope.groups() if scope else ("eu-central-1", "s3")
        self.params = {}
        target = headers.get("X-Amz-Target")
        form = headers.get("Content-Type", "").startswith("application/x-www-form-urlencoded")
        if target:
            self.protocol, self.operation = "json", target.rsplit(".", 1)[-1]
            self.params = json.loads(body or b"{}")
        elif form:
            self.protocol = "ec2" if self.service == "ec2" else "query"
            self.params = dict(urllib.parse.parse_qsl(body.decode(), keep_blank_values=True))
            self.operation = self.params.get("Action", "?")
        elif self.service == "s3":
            self.protocol, self.operation = "s3", self._s3_operation()
        else:
            self.protocol = "rest"
            self.operation = VERBS.get(method, method) + "".join(
                word.title() for word in self.path.split("?")[0].split("/")[1:2]
            )

    def bucket(self):
        return urllib.parse.unquote(self.path.split("?")[0].lstrip("/").split("/")[0])

    def _s3_operation(self):
        path, _, query = self.path.partition("?")
        verb, names = VERBS.get(self.method, self.method), urllib.parse.parse_qs(query, True)
        bucket, _, key = path.lstrip("/").partition("/")
        if not bucket:
            return "ListBuckets"
        if key:
            if "tagging" in names:
                return f"{verb}ObjectTagging"
            return "DeleteObjects" if "delete" in names else f"{verb}Object"
        for name, words in SUBRESOURCES.items():
            if name in names:
                return verb + words
        if "versions" in names:
            return "ListObjectVersions"
        if "delete" in names:
            return "DeleteObjects"
        return {"GET": "ListObjects", "PUT": "CreateBucket"}.get(self.method, f"{verb}Bucket")

    def mentions(self, text):
        everything = urllib.parse.unquote(self.path) + "\n" + self.body.decode("utf-8", "replace")
        return text in everything or text in urllib.parse.unquote_plus(everything)

    def arn(self, service, resource):
        return f"arn:aws:{service}:{self.region}:{self.account}:{resource}"

    def error(self, status, code, message):
        """An answer worded as this service words its errors."""
        number = str(uuid.uuid4())
        if self.protocol in ("json", "rest"):
            answer = Answer.of_json({"__type": code, "message": message, "Message": message}, status)
            answer.headers["X-Amzn-Errortype"] = code
            return answer
        error = {"Code": code, "Message": message}
        if self.protocol == "ec2":
            tree = ("Response", {"Errors": {"Error": error}, "RequestID": number})
        elif self.protocol == "s3":
            tree = ("Error", dict(error, RequestId=number))
        else:
            tree = ("ErrorResponse", {"Error": dict(error, Type="Sender"), "RequestId": number})
        root = ET.Element(tree[0])
        fill(root, tree[1])
        return Answer(status, dict(XML), b"" if self.method == "HEAD" else ET.tostring(root))


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    @staticmethod
    def of_json(value, status=200):
        return Answer(status, {"Content-Type": "application/x-amz-json-1.1"}, json.dumps(value).encode())

    @staticmethod
    def of_query(operation, result):
        root = ET.Element(f"{operation}Response")
        fill(root, {f"{operation}Result": result, "ResponseMetadata": {"RequestId": str(uuid.uuid4())}})
        return Answer(200, dict(XML), ET.tostring(root))

    @property
    def good(self):
        return self.status < 300

    def json(self):
        return json.loads(self.body or b"{}")

    def set_json(self, value):
        self.body = json.dumps(value).encode()

    def xml(self):
        """The tree, its names without their namespace."""
        root = ET.fromstring(self.body)
        for element in root.iter():
            element.tag = element.tag.rsplit("}", 1)[-1]
        return root

    def set_xml(self, root):
        self.body = ET.tostring(root)


def fill(element, value):
    """Writes a value below an element: dicts as children, lists as members, None as nothing."""
    if isinstance(value, dict):
        for name, inner in value.items():
            if inner is not None:
                fill(ET.SubElement(element, name), inner)
    elif isinstance(value, (list, tuple)):
        for inner in value:
            fill(ET.SubElement(element, "member"), inner)
    else:
        element.text = str(value)


def put(element, name, value, item="member"):
    """Replaces the child of that name; lists get children called `item`."""
    for old in element.findall(name):
        element.remove(old)
    child = ET.SubElement(element, name)
    if isinstance(value, (list, tuple)):
        for inner in value:
            fill(ET.SubElement(child, item), inner)
    else:
        fill(child, value)


def nest(flat):
    """`A.member.1.B=x` as {"A": [{"B": "x"}]}."""
    tree = {}
    for name, value in flat.items():
        node, parts = tree, name.split(".")
        for part in parts[:-1]:
            node = node.setdefault(part, {})
        node[parts[-1]] = value

    def lists(node):
        if not isinstance(node, dict):
            return node
        if node and all(key.isdigit() for key in node):
            return [lists(node[key]) for key in sorted(node, key=int)]
        if set(node) == {"member"}:
            return lists(node["member"])
        return {key: lists(value) for key, value in node.items()}

    return lists(tree)
