# makes: a container cluster (ECS on Fargate) with one service
# assumes: The image is public or in a registry of this account; the service runs in private subnets.
# asks: Which image should run, and how is the service reached?
# output: cluster_arn | aws_ecs_cluster.recipe_name_containers.arn | ARN of the cluster
resource "aws_ecs_cluster" "recipe_name_containers" {
  name = var.name

  setting {
    name  = "containerInsights"
    value = "enabled"
  }
}

data "aws_iam_policy_document" "recipe_name_containers" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["ecs-tasks.amazonaws.com"]
    }
  }
}

resource "aws_iam_role" "recipe_name_containers" {
  name               = "${var.name}-containers"
  assume_role_policy = data.aws_iam_policy_document.recipe_name_containers.json
}

resource "aws_iam_role_policy_attachment" "recipe_name_containers" {
  role       = aws_iam_role.recipe_name_containers.name
  policy_arn = "arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy"
}

resource "aws_ecs_task_definition" "recipe_name_containers" {
  family                   = var.name
  network_mode             = "awsvpc"
  requires_compatibilities = ["FARGATE"]
  cpu                      = 256
  memory                   = 512
  execution_role_arn       = aws_iam_role.recipe_name_containers.arn

  container_definitions = jsonencode([{
    name      = var.name
    image     = var.image
    essential = true
    portMappings = [{
      containerPort = var.target_port
    }]
  }])
}

resource "aws_ecs_service" "recipe_name_containers" {
  name            = var.name
  cluster         = aws_ecs_cluster.recipe_name_containers.id
  task_definition = aws_ecs_task_definition.recipe_name_containers.arn
  launch_type     = "FARGATE"
  desired_count   = 1

  network_configuration {
    subnets         = var.subnet_ids
    security_groups = var.security_group_ids
  }
}
