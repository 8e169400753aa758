# What the product's own code may do: log in at its databases, and nothing else.
resource "aws_iam_role" "task" {
  name                 = "${var.name}-task"
  description          = "What the code of ${var.name} may do."
  assume_role_policy   = data.aws_iam_policy_document.tasks.json
  permissions_boundary = var.permissions_boundary
}

resource "aws_iam_role_policy" "databases" {
  count = length(var.databases) > 0 ? 1 : 0

  name   = "databases"
  role   = aws_iam_role.task.id
  policy = data.aws_iam_policy_document.databases.json
}

data "aws_iam_policy_document" "databases" {
  statement {
    sid     = "LogInAsTheseUsers"
    actions = ["rds-db:connect"]
    resources = [
      for database in var.databases :
      "arn:${var.target.partition}:rds-db:${var.target.region}:${var.target.account_id}:dbuser:${database.resource_id}/${database.user}"
    ]
  }
}
