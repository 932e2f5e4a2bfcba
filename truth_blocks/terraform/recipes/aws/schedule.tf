# makes: a schedule (EventBridge) that calls one target
# assumes: The role that the schedule takes may call the target.
# asks: What should be called, and when?
# output: schedule_arn | aws_scheduler_schedule.recipe_name.arn | ARN of the schedule
resource "aws_scheduler_schedule" "recipe_name" {
  name                = var.name
  schedule_expression = var.schedule

  flexible_time_window {
    mode = "OFF"
  }

  target {
    arn      = var.target_arn
    role_arn = var.role_arn
  }
}
