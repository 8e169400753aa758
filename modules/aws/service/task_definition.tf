# This file is the same in the modules job and service, byte for byte: change both. What differs between
# a job and a service is in local.task, which main.tf sets.

locals {
  # The one container of every task. Landfall finds exit codes, digests and logs by this name.
  container_name = "main"

  # As ECS reads it: arn:json-key:version-stage:version-id, where what is empty has its default. A secret that may
  # be missing, and is, is left out: ECS does not start a task with a secret that has no value.
  secrets = {
    for name, secret in var.secrets : name => join(":", [
      secret.arn,
      secret.json_key == null ? "" : secret.json_key,
      "",
      secret.version == null ? "" : secret.version,
    ]) if secret.required || secret.version != null
  }

  # Only with a read-only root: otherwise the image's own directories are writable.
  writable_paths = var.container.read_only_root ? sort(distinct(concat(["/tmp"], var.container.writable_paths))) : []
  writable_mib   = coalesce(var.container.writable_mib, floor(var.container.memory / 4))

  # Lists follow the order of their names: ECS keeps the order, and another one would be another revision.
  container = {
    name                   = local.container_name
    image                  = "${var.image.repository}@${var.image.digest}"
    essential              = true
    entryPoint             = length(var.container.entry_point) > 0 ? var.container.entry_point : null
    command                = length(var.container.command) > 0 ? var.container.command : null
    user                   = var.container.user
    readonlyRootFilesystem = var.container.read_only_root
    stopTimeout            = local.task.stop_timeout
    environment            = [for name, value in var.environment : { name = name, value = value }]
    secrets                = [for name, reference in local.secrets : { name = name, valueFrom = reference }]
    dockerLabels           = merge(var.labels, { "landfall.image.tag" = var.image.tag })
    repositoryCredentials  = var.pull_secret_arn == null ? null : { credentialsParameter = var.pull_secret_arn }

    portMappings = local.task.port == null ? null : [
      { containerPort = local.task.port, hostPort = local.task.port, protocol = "tcp" },
    ]

    healthCheck = local.task.health == null ? null : {
      command     = concat(["CMD"], local.task.health.command)
      interval    = local.task.health.interval_seconds
      timeout     = local.task.health.timeout_seconds
      retries     = local.task.health.retries
      startPeriod = local.task.health.startup_seconds
    }

    linuxParameters = merge(
      # The init process reaps what the product leaves behind and passes SIGTERM on.
      { initProcessEnabled = true },
      # In memory, because a volume of Fargate belongs to root and a product that runs as another user
      # could not write to it.
      length(local.writable_paths) == 0 ? {} : {
        tmpfs = [
          for path in local.writable_paths :
          { containerPath = path, size = local.writable_mib, mountOptions = ["mode=1777", "nosuid", "nodev"] }
        ]
      },
    )

    logConfiguration = {
      logDriver = "awslogs"
      options = merge(local.task.log_options, {
        awslogs-group         = var.identity.log_group_name
        awslogs-region        = var.target.region
        awslogs-stream-prefix = "task"
      })
    }
  }
}

resource "aws_ecs_task_definition" "this" {
  family                   = var.name
  requires_compatibilities = ["FARGATE"]
  network_mode             = "awsvpc"
  cpu                      = var.container.cpu
  memory                   = var.container.memory
  task_role_arn            = var.identity.task_role_arn
  execution_role_arn       = var.identity.execution_role_arn

  runtime_platform {
    operating_system_family = "LINUX"
    cpu_architecture        = var.container.architecture
  }

  # ECS drops what is null; kept, it would differ from what is read back and be replaced every time.
  container_definitions = jsonencode([{ for key, value in local.container : key => value if value != null }])

  # A replaced revision stays registered: a deployment that fails goes back to it, and a schedule may
  # have started it a moment ago.
  skip_destroy = true

  lifecycle {
    create_before_destroy = true
  }
}
