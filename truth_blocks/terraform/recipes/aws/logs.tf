# makes: a CloudWatch log group that forgets after a while
# output: log_group_arn | aws_cloudwatch_log_group.recipe_name.arn | ARN of the log group
resource "aws_cloudwatch_log_group" "recipe_name" {
  name              = var.name
  retention_in_days = var.retention_days
}
