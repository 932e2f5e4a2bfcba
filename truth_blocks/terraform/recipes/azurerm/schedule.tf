# makes: a logic app that runs every day and calls one address
# needs: group
# asks: At which hour should it run?
# output: workflow_id | azurerm_logic_app_workflow.recipe_name.id | Id of the logic app
resource "azurerm_logic_app_workflow" "recipe_name" {
  name                = var.name
  location            = azurerm_resource_group.recipe_name.location
  resource_group_name = azurerm_resource_group.recipe_name.name

  identity {
    type = "SystemAssigned"
  }
}

resource "azurerm_logic_app_trigger_recurrence" "recipe_name" {
  name         = "daily"
  logic_app_id = azurerm_logic_app_workflow.recipe_name.id
  frequency    = "Day"
  interval     = 1
}

resource "azurerm_logic_app_action_http" "recipe_name" {
  name         = "call"
  logic_app_id = azurerm_logic_app_workflow.recipe_name.id
  method       = "POST"
  uri          = var.target_uri
}
