# makes: a monthly cost budget that warns before it is spent
# assumes: The warning comes at eighty percent of the limit and at the limit, to the administrators of the billing account.
# output: budget_id | google_billing_budget.recipe_name.id | Id of the budget
resource "google_billing_budget" "recipe_name" {
  billing_account = var.billing_account
  display_name    = var.name

  amount {
    specified_amount {
      currency_code = "USD"
      units         = var.budget_usd
    }
  }

  threshold_rules {
    threshold_percent = 0.8
  }

  threshold_rules {
    threshold_percent = 1
  }
}
