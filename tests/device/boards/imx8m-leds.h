#define LED_FUNCTION_STATUS "status"
#define LED_COLOR_ID_GREEN 2
