# makes: a monthly cost budget that writes an e-mail before it is spent
# assumes: The warning comes at eighty percent of the limit.
# asks: Who should be warned?
resource "aws_budgets_budget" "recipe_name" {
  name         = var.name
  budget_type  = "COST"
  time_unit    = "MONTHLY"
  limit_amount = var.budget_usd
  limit_unit   = "USD"

  notification {
    comparison_operator        = "GREATER_THAN"
    notification_type          = "ACTUAL"
    threshold                  = 80
    threshold_type             = "PERCENTAGE"
    subscriber_email_addresses = [var.email]
  }
}
