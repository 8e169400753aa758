"""S3: who owns a bucket."""

from fixes import before


@before("s3")
def owner(world, call):
    """ministack ignores x-amz-expected-bucket-owner and knows no buckets of other accounts."""
    owner = world.control.owners.get(call.bucket(), world.account)
    expected = call.headers.get("x-amz-expected-bucket-owner", owner)
    if owner != world.account and call.operation == "CreateBucket":
        return call.error(409, "BucketAlreadyExists", "The requested bucket name is not available.")
    if expected != owner or owner != world.account:
        return call.error(403, "AccessDenied", "Access Denied")
    return None
