# makes: a private container registry (ECR) that scans images and keeps tags unchangeable
# assumes: Old untagged images are deleted after a while.
# output: repository_url | aws_ecr_repository.recipe_name.repository_url | Address to push images to
resource "aws_ecr_repository" "recipe_name" {
  name                 = var.name
  image_tag_mutability = "IMMUTABLE"

  image_scanning_configuration {
    scan_on_push = true
  }

  encryption_configuration {
    encryption_type = "AES256"
  }
}

resource "aws_ecr_lifecycle_policy" "recipe_name" {
  repository = aws_ecr_repository.recipe_name.name

  policy = jsonencode({
    rules = [{
      rulePriority = 1
      selection = {
        tagStatus   = "untagged"
        countType   = "sinceImagePushed"
        countUnit   = "days"
        countNumber = 14
      }
      action = {
        type = "expire"
      }
    }]
  })
}
